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

/** A number as the page's language writes it; `digits` null means about four digits; never rounded to a target of `beside` that it is not. */
export function number(value, digits = null, beside = []) {
  if (value === null || value === undefined || Number.isNaN(value)) return "—";
  const size = Math.abs(value);
  let most = digits ?? (size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 3);
  while (most < 9 && beside.some((limit) => Math.sign(Number(value.toFixed(most)) - limit) !== Math.sign(value - limit))) most += 1;
  const text = new Intl.NumberFormat(language === "en" ? "en-GB" : "ru", {
    minimumFractionDigits: digits === null ? 0 : most, maximumFractionDigits: most, useGrouping: language === "en" ? true : "min2",
  }).format(value);
  return text.replace("-", "\u2212").replace(/\u00a0/g, "\u202f");
}

/** A number with its unit. */
export function amount(value, unit, digits = null, beside = []) {
  const said = number(value, digits, beside);
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

/** The name of a file saved from this page: where the page lies, and which figure. */
export const fileName = (figure, kind) => `${[...location.pathname.split("/").slice(2), figure.id].filter(Boolean).join("-")}.${kind}`;

/**
 * Saves a figure as a PNG that can stand alone: title, page, picture, legend, address, and that its data are simulated.
 * `source`: a canvas or an image, `scale` of its pixels to one of the page.
 */
export function savePicture(figure, source, scale) {
  const [pad, line, size] = [16 * scale, 20 * scale, 13 * scale];
  const letters = (weight = 400, height = size) => `${weight} ${height}px ${font()}`;
  const said = (one) => document.querySelector(one)?.textContent.replace(/\s+/g, " ").trim() ?? "";
  const title = figure.querySelector(".figure-title")?.textContent.replace(/\s+/g, " ").trim() ?? "";
  const head = [...new Set([said("h1"), said(".lead")])].filter((text) => text && text !== title).join(" · ");
  const foot = [said(".bar.simulated span"), decodeURI(location.href)].filter(Boolean);
  const keys = [...figure.querySelectorAll(".legend li")].map((item) => ({ text: item.textContent.trim(), colour: keyColour(item) }));
  const paper = document.createElement("canvas");
  const pen = paper.getContext("2d");
  paper.width = source.width + 2 * pad;
  const rows = keysInRows(pen, keys, source.width, size, letters());
  paper.height = source.height + 2 * pad + (2.5 + rows.length + foot.length) * line;
  pen.fillStyle = colour("paper");
  pen.fillRect(0, 0, paper.width, paper.height);
  pen.textBaseline = "top";
  const write = (text, x, y, ink, style) => Object.assign(pen, { fillStyle: colour(ink), font: style }) && pen.fillText(text, x, y, paper.width - x - pad);
  write(title, pad, pad, "ink", letters(600, 1.2 * size));
  write(head, pad, pad + line, "soft", letters());
  pen.drawImage(source, pad, pad + 2.25 * line);
  let y = pad + 2.5 * line + source.height;
  for (const row of rows) {
    for (const { text, x, colour: ink } of row) {
      pen.fillStyle = ink;
      pen.fillRect(pad + x, y + 0.15 * size, size, size);
      write(text, pad + x + 1.4 * size, y, "soft", letters());
    }
    y += line;
  }
  foot.forEach((text, at) => write(text, pad, y + at * line, "soft", letters()));
  save(fileName(figure, "png"), paper.toDataURL("image/png"));
}

function keyColour(item) {
  const shape = item.querySelector("svg *");
  return shape ? getComputedStyle(shape)[shape.hasAttribute("stroke") ? "stroke" : "fill"] : "transparent";
}

function keysInRows(pen, keys, width, size, style) {
  pen.font = style;
  const rows = [];
  let x = Infinity;
  for (const key of keys) {
    const wide = pen.measureText(key.text).width + 2.6 * size;
    if (x + wide > width) [x] = [0, rows.push([])];
    rows.at(-1).push({ ...key, x });
    x += wide;
  }
  return rows;
}
