// Runs before the page is drawn: the theme that was chosen (cookie `theme`) or the system's, and the mark that scripts run.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => (document.cookie.match(/(?:^|; )theme=(light|dark)/) || [])[1] || "";
  let paper = false; // what is printed is light
  const apply = () => {
    const dark = !paper && (chosen() || (system.matches ? "dark" : "light")) === "dark";
    const link = document.querySelector("link[data-dark]");
    if (link) link.media = dark ? "screen" : "not all";
    const before = root.dataset.theme;
    root.dataset.theme = dark ? "dark" : "light";
    if (before && before !== root.dataset.theme) root.dispatchEvent(new CustomEvent("qala:theme", { bubbles: true }));
  };
  root.classList.add("js");
  apply();
  system.addEventListener("change", apply);
  addEventListener("beforeprint", () => { paper = true; apply(); });
  addEventListener("afterprint", () => { paper = false; apply(); });
  window.qalaTheme = (name) => {
    const kept = name === (system.matches ? "dark" : "light") ? "; max-age=0" : "; max-age=31536000";
    document.cookie = `theme=${name}; path=/; samesite=lax${kept}`;
    apply();
  };
})();
