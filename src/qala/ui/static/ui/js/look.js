// What pictures need to know of the page: its language, its colours, its letters. Colours are read anew when the theme changes.

const root = document.documentElement;

/** The page's language: kk, ru or en. */
export const language = root.lang || "kk";

/** A token of tokens.css as the browser computes it: colour("accent") is "rgb(0, 102, 122)". */
export function colour(token) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${token}, transparent)`;
  probe.hidden = true;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** The same value with every "var(--token)" in it, however deep, made a colour. */
export function coloured(value) {
  if (typeof value === "string") return value.replace(/var\(--([\w-]+)\)/g, (_, token) => colour(token));
  if (Array.isArray(value)) return value.map(coloured);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, coloured(v)]));
  return value;
}

/** The page's letters, as CSS names them. */
export const font = () => getComputedStyle(root).fontFamily;

/** A number as the page's language writes it; `digits` null means about four digits. */
export function number(value, digits = null) {
  if (value === null || value === undefined || Number.isNaN(value)) return "—";
  const size = Math.abs(value);
  const most = digits ?? (size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 3);
  const text = new Intl.NumberFormat(language === "en" ? "en-GB" : "ru", {
    minimumFractionDigits: digits ?? 0, maximumFractionDigits: most, useGrouping: language === "en" ? true : "min2",
  }).format(value);
  return text.replace("-", "\u2212").replace(/\u00a0/g, "\u202f");
}

/** A number with its unit. */
export function amount(value, unit, digits = null) {
  const said = number(value, digits);
  if (!unit || said === "—") return said;
  return unit === "%" && language === "en" ? `${said}%` : `${said}\u00a0${unit}`;
}

/** Calls back when the theme changes; returns what stops it. */
export function onTheme(call) {
  root.addEventListener("qala:theme", call);
  return () => root.removeEventListener("qala:theme", call);
}

/** Hands a file to the reader. */
export function save(name, content, type) {
  const url = typeof content === "string" && content.startsWith("data:") ? content : URL.createObjectURL(new Blob([content], { type }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  if (url.startsWith("blob:")) setTimeout(() => URL.revokeObjectURL(url), 1000);
}
