// Every page loads this, and nothing else until it is needed: the switch of themes, tables that scroll, charts and maps
// when they come into view, htmx where a page asks for it.

const root = document.documentElement;

function themeSwitch(button) {
  const show = () => button.setAttribute("aria-pressed", String(root.dataset.theme === "dark"));
  show();
  root.addEventListener("qala:theme", show);
  button.addEventListener("click", () => window.qalaTheme(root.dataset.theme === "dark" ? "light" : "dark"));
}

// A table that is wider than its place can be reached and scrolled by keyboard, and says what it is.
const widths = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const scrolls = target.scrollWidth > target.clientWidth + 1 || target.scrollHeight > target.clientHeight + 1;
    target.classList.toggle("scrolls", scrolls);
    if (scrolls) {
      target.tabIndex = 0;
      if (target.matches("pre")) continue;
      target.setAttribute("role", target.querySelector("table") ? "region" : "group"); // a drawing is a part of its section
      const name = target.querySelector("caption")?.textContent.trim() || target.closest("figure")?.querySelector(".figure-title")?.textContent.trim() || target.closest("section")?.querySelector("h2, h3")?.textContent.trim() || document.title;
      target.setAttribute("aria-label", name);
    } else {
      for (const attribute of ["tabindex", "role", "aria-label"]) target.removeAttribute(attribute);
    }
  }
});

const views = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    views.unobserve(entry.target);
    draw(entry.target);
  }
}, { rootMargin: "200px" });

const SOONEST = 5_000;
const LATEST = 5 * 60_000;

/**
 * What `load` promises, tried again while it fails: when the connection is back, and ever more slowly in between.
 * `missed` is called after the first failure, so that the page can say so.
 */
export async function arrived(load, missed = () => {}) {
  for (let wait = SOONEST; ; wait = Math.min(wait * 2, LATEST)) {
    try {
      return await load();
    } catch (error) {
      console.warn(error);
      if (wait === SOONEST) missed();
    }
    await new Promise((again) => {
      const soon = () => {
        clearTimeout(timer);
        removeEventListener("online", soon);
        again();
      };
      const timer = setTimeout(soon, wait);
      addEventListener("online", soon);
    });
  }
}

async function draw(figure) {
  const load = figure.matches("[data-map]") ? () => import("qala/map") : () => import("qala/chart");
  const { draw: drawn } = await arrived(load, () => waits(figure, true));
  waits(figure, false);
  if (figure.isConnected) await drawn(figure);
}

// Until the library comes, the figure's table stands in its place.
function waits(figure, on) {
  if (figure.classList.contains("waits") === on) return;
  figure.classList.toggle("waits", on);
  figure.querySelector(".figure-waits")?.toggleAttribute("hidden", !on);
  figure.querySelector(".figure-table")?.toggleAttribute("open", on);
}

function meet(part) {
  const all = (what) => [...(part.matches?.(what) ? [part] : []), ...part.querySelectorAll(what)];
  all("[data-theme-switch]").forEach(themeSwitch);
  all(".scroll, pre").forEach((one) => widths.observe(one));
  all("figure[data-chart], figure[data-map]").forEach((one) => views.observe(one));
  all("select[data-submits]").forEach((one) => one.addEventListener("change", () => one.form.requestSubmit()));
}

meet(document);
if (document.querySelector("[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete], [hx-boost]")) arrived(() => import("htmx"));
for (const swapped of ["htmx:after:swap", "qala:content"]) document.addEventListener(swapped, ({ target }) => meet(target instanceof Element ? target : document));
document.addEventListener("toggle", (event) => { // a popover's links close it
  if (event.target.id === "site-nav" && event.newState === "open") event.target.querySelector("a")?.focus();
}, true);
