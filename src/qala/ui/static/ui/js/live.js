// Lets an open page follow what comes in. The stream says only which datasets of a city changed; what depends on one of them is
// fetched again and takes over in place, so that nothing flickers and neither focus nor scroll is lost. Only pages that ask load this.
const root = document.documentElement;
const SOONEST = 1_000; // between two looks at the same part
const SHARE = 2; // and so many times as long as the last look took, for a busy site is asked less often
const RAREST = 3_000; // but not more rarely than that: whoever follows the same news shares one answer
const GATHER = 350; // news that come together are one look; the site sees what was computed within 0.3 s
const AGAIN = 2_000;
const LATEST = 60_000;
const SILENT = 40_000; // the stream says every 15 s that it is there
const KEPT = ["scrolls", "fresh", "waits", "stale"]; // classes that scripts gave

const clock = (at, timeZone) => new Intl.DateTimeFormat(root.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone }).format(at);

/**
 * Listens to the news of a city: `told(datasets, visibleAt)` for each; `told(null)` when something may have been missed;
 * `state("live" | "lost")` when the connection comes and goes. A page that nobody sees listens to nothing.
 */
export function listen(address, { told, state = () => {} }) {
  let stream = null;
  let wait = AGAIN;
  let timer = null;
  let watch = null;
  let missed = false; // what was open before this stream may have missed something

  function alive() {
    clearTimeout(watch);
    watch = setTimeout(gone, SILENT);
  }

  function open() {
    clearTimeout(timer);
    if (stream || document.visibilityState !== "visible") return;
    stream = new EventSource(address);
    stream.addEventListener("open", () => {
      wait = AGAIN;
      alive();
      state("live");
      if (missed) told(null);
      missed = true;
    });
    stream.addEventListener("still", alive);
    stream.addEventListener("news", (event) => {
      alive();
      const said = JSON.parse(event.data);
      told(said.datasets, said.visible_at);
    });
    stream.addEventListener("error", gone);
  }

  function close() {
    clearTimeout(watch);
    stream?.close();
    stream = null;
  }

  function gone() {
    close();
    missed = true;
    state("lost");
    clearTimeout(timer);
    timer = setTimeout(open, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LATEST);
  }

  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? open() : close()));
  addEventListener("online", open);
  addEventListener("offline", gone); // a stream that is cut silently is noticed at once
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}

/** Calls `work` soon, one at a time, never more often than `soonest` and a share of what it takes; returns how to ask for it. */
export function paced(work, soonest = SOONEST) {
  let wanted = false;
  let timer = null;
  let busy = false;
  let next = 0;
  async function go() {
    timer = null;
    busy = true;
    wanted = false;
    const begun = performance.now();
    try {
      await work();
    } catch (error) {
      console.warn(error);
    }
    const ended = performance.now();
    next = begun + Math.max(soonest, Math.min((ended - begun) * SHARE, RAREST));
    busy = false;
    if (wanted) ask();
  }
  function ask() {
    wanted = true;
    if (!busy) timer ??= setTimeout(go, Math.max(GATHER, next - performance.now()));
  }
  return ask;
}

/** Makes `old` say what `fresh` says; elements that stay are the same elements. Returns the figures whose numbers changed. */
export function takeOver(old, fresh, figures = new Set()) {
  if (old.dataset?.drawn) return figures; // a chart or map is drawn here
  attributes(old, fresh);
  const [before, after] = [[...old.childNodes], [...fresh.childNodes]];
  after.forEach((one, at) => {
    const other = before[at];
    if (!other) old.append(one);
    else if (other.nodeType !== one.nodeType || other.nodeName !== one.nodeName || (other.id ?? "") !== (one.id ?? "")) other.replaceWith(one);
    else if (one.nodeType === Node.ELEMENT_NODE) takeOver(other, one, figures);
    else if (other.nodeValue !== one.nodeValue) {
      other.nodeValue = one.nodeValue;
      changed(old, figures);
    }
  });
  before.slice(after.length).forEach((one) => one.remove());
  return figures;
}

function attributes(old, fresh) {
  for (const { name, value } of fresh.attributes) {
    if (name === "class") {
      const kept = KEPT.filter((one) => old.classList.contains(one));
      const wanted = [value, ...kept].filter(Boolean).join(" ");
      if (old.getAttribute("class") !== wanted) old.setAttribute("class", wanted);
    } else if (name !== "open" && name !== "nonce" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

function changed(element, figures) {
  const figure = element.closest("figure[data-chart], figure[data-map]");
  if (element.matches(".figure-data") && figure) figures.add(figure);
  if (figure || !element.textContent.trim()) return;
  element.classList.remove("fresh");
  void element.offsetWidth; // begins anew
  element.classList.add("fresh");
  element.addEventListener("animationend", () => element.classList.remove("fresh"), { once: true });
}

/** Charts and maps whose numbers changed are drawn again. */
export function redraw(figures) {
  for (const figure of figures) figure.dispatchEvent(new CustomEvent("qala:content", { bubbles: true }));
}

/** Says at the mark how fresh the page is: "live", "lost" or "trouble". */
export function say(mark, state, at = new Date()) {
  mark.hidden = false;
  mark.dataset.state = state;
  const texts = { live: mark.dataset.live, lost: mark.dataset.lost, trouble: mark.dataset.trouble };
  mark.querySelector("[data-live-text]").textContent = `${texts[state]} ${clock(at, mark.dataset.zone || undefined)}`;
}

// A page whose parts follow by themselves: each `[data-live-part]` names its datasets in `data-live-of` ("*": any).
function follow(mark) {
  const parts = () => [...document.querySelectorAll("[data-live-part]")];
  const address = location.pathname + location.search;
  let newest = "";
  let fresh = new Date();

  async function look() {
    const answer = await fetch(address, { headers: { "Qala-News": newest || "now" }, cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(20_000) });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of parts()) {
      const found = page.querySelector(`[data-live-part="${CSS.escape(part.dataset.livePart)}"]`);
      if (found && !part.contains(document.activeElement?.matches("input, select, textarea") ? document.activeElement : null)) redraw(takeOver(part, found));
    }
    fresh = new Date();
    say(mark, "live", fresh);
  }

  const ask = paced(() => look().catch((error) => {
    say(mark, "trouble", fresh);
    throw error;
  }), Number(mark.dataset.every ?? 0) * 1000 || SOONEST);

  listen(mark.dataset.liveCity, {
    told: (datasets, visibleAt) => {
      newest = visibleAt ?? new Date().toISOString();
      if (!datasets || parts().some((part) => part.dataset.liveOf === "*" || part.dataset.liveOf.split(" ").some((one) => datasets.includes(one)))) ask();
    },
    state: (how) => {
      if (how === "live") ask(); // what was kept by a cache on the way is caught up with
      else say(mark, "lost", fresh);
    },
  });
}

const mark = document.querySelector("[data-live-city][data-follows]");
if (mark) follow(mark);
