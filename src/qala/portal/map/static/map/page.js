// A city's map: the form beside it works without this; with it nothing is loaded anew, and the address follows what is shown.
import { number } from "qala/look";
import { arrived } from "qala/page";
import { moving } from "./moving.js";
import { drawn, ground, names, outside, shaded, within } from "./style.js";

const desk = document.querySelector("[data-map-desk]");
const form = desk.querySelector("form");
const place = desk.querySelector(".map-canvas");
const data = JSON.parse(desk.querySelector(".map-data").textContent);
const words = data.words;
const layers = new Map(data.layers.map((layer) => [layer.id, layer]));
const dayNumber = (iso) => Math.round(Date.parse(`${iso}T00:00:00Z`) / 864e5);
const iso = (day) => new Date(day * 864e5).toISOString().slice(0, 10);
const first = dayNumber(data.first);
const last = dayNumber(data.last);
const BASE = ["streets", "green_areas", "buildings"];
const MOVING = 120; // milliseconds between two days of the play

const state = { chosen: new Set(data.chosen), day: dayNumber(data.on), days: 30, metric: form.metric.value, by: form.by.value, tall: form.tall.checked };
const sources = {}; // id -> source of the style, for layers whose tiles are there
const waits = desk.querySelector(".figure-waits");
const late = () => { waits.hidden = false; };
const firstSight = arrived(async () => (await fetch(data.overview)).json(), late); // while the library is still on its way
let outlines;
let map;
let maplibre;
let style;
let shade = null;
let beneath = { sources: {}, layers: [] };
const spec = { sources: {}, layers: [], bounds: data.bounds, words };

const live = moving(layers, () => [...state.chosen], (id, points) => {
  sources[id] = { type: "geojson", data: points };
  if (spec.sources[id]) spec.sources[id].data = points;
  map?.getSource(id)?.setData(points);
});

// what is drawn

function compose() {
  const has = Object.fromEntries(BASE.map((id) => [id, id in sources]));
  spec.sources = { ...beneath.sources, overview: { type: "geojson", data: outlines }, ...sources, ...(shade ? { shade: { type: "geojson", data: shade.geojson } } : {}) };
  const order = [...layers.keys()].filter((id) => state.chosen.has(id) && id in sources);
  const rank = (id) => ["area", "line", "mixed", "point"].indexOf(layers.get(id).shape);
  order.sort((a, b) => rank(a) - rank(b));
  const own = order.flatMap((id) => drawn(layers.get(id), { ...state, source: id, vector: sources[id].type === "vector" ? (layers.get(id).vector ?? id) : null }));
  spec.layers = [...beneath.layers, ...ground(has, state), ...(shade ? shade.layers : []), ...own, ...names(data.name, has, state)];
  if (picked) {
    spec.sources.picked = { type: "geojson", data: { type: "Point", coordinates: picked } };
    spec.layers.push({ id: "picked", type: "circle", source: "picked", paint: { "circle-radius": 14, "circle-color": "transparent", "circle-stroke-color": "var(--accent)", "circle-stroke-width": 3 } });
  }
}

function render() {
  compose();
  map?.setStyle(style(spec.sources, spec.layers), { diff: true });
}

function moveTime() {
  for (const layer of spec.layers) {
    const about = layers.get(layer.metadata?.layer);
    if (!about || about.timeless || !map.getLayer(layer.id)) continue;
    const filter = ["all", within(state.day, about.events ? state.days : 1), ...(layer.metadata.filter ? [layer.metadata.filter] : [])];
    layer.filter = filter;
    map.setFilter(layer.id, filter);
  }
}

// tiles

const lineOf = (id) => form.querySelector(`[data-layer="${id}"]`);

function say(id, text) {
  const line = lineOf(id)?.querySelector(".map-state");
  if (!line) return;
  line.hidden = !text;
  line.textContent = text;
}

async function load(id) {
  const layer = layers.get(id);
  if (!layer) return;
  if (layer.live) return live.move(id).catch((error) => {
    console.warn(error);
    sources[id] ??= { type: "geojson", data: { type: "FeatureCollection", features: [] } };
  });
  if (layer.geojson) {
    sources[id] = { type: "geojson", data: layer.geojson };
    return;
  }
  try {
    const answer = await fetch(layer.tilejson ?? `${data.tiles}/${layer.cells ? `${id}-cells` : id}.json`);
    if (!answer.ok) throw new Error(String(answer.status));
    const told = await answer.json();
    if (told.tiles) {
      sources[id] = { type: "vector", tiles: told.tiles, minzoom: told.minzoom, maxzoom: told.maxzoom, bounds: told.bounds };
      layer.vector = told.vector_layers[0].id;
    }
    if (told.percent === null || told.percent === undefined) say(id, "");
    else {
      say(id, (told.tiles ? words.older : words.building).replace("{percent}", number(told.percent, 0)));
      setTimeout(() => load(id).then(render), 3000);
    }
  } catch (error) {
    console.warn(error);
    say(id, words.failed);
    addEventListener("online", () => load(id).then(render), { once: true });
  }
}

// values by place

async function colourBy() {
  const box = form.querySelector(".map-shade");
  shade = null;
  box.replaceChildren();
  if (state.metric) {
    box.append(Object.assign(document.createElement("p"), { className: "hint", textContent: words.counting }));
    try {
      const answer = await fetch(`${data.values}?${new URLSearchParams({ metric: state.metric, by: state.by, on: iso(state.day) })}`);
      const told = await answer.json();
      if (!answer.ok) throw new Error(told.title);
      shade = { ...told, ...shaded(told.geojson) };
      box.replaceChildren(...shadeLegend(told, shade));
    } catch (error) {
      console.warn(error);
      box.replaceChildren(Object.assign(document.createElement("p"), { className: "hint", textContent: words.no_values }));
    }
  }
  render();
}

const range = (low, high) => (low === high ? number(low) : `${number(low)} – ${number(high)}`);

function shadeLegend(told, { edges, least, most }) {
  const list = Object.assign(document.createElement("ul"), { className: "legend" });
  const bounds = least === undefined ? [] : [least, ...edges, most];
  const whole = told.geojson.features.every((one) => Number.isInteger(one.properties.value ?? 0));
  const swatch = (name, text) => {
    const item = document.createElement("li");
    item.append(Object.assign(document.createElement("i"), { className: `swatch ${name}` }), text);
    return item;
  };
  for (let at = 0; at + 1 < bounds.length; at += 1) list.append(swatch(edges.length ? `heat-${at + 1}` : "heat-3", range(bounds[at], whole && at + 2 < bounds.length ? bounds[at + 1] - 1 : bounds[at + 1])));
  list.append(swatch("heat-none", words.none));
  const caption = Object.assign(document.createElement("p"), { className: "soft", textContent: [told.name, told.period, told.unit].filter(Boolean).join(" · ") });
  return [caption, list, ...(told.note ? [Object.assign(document.createElement("p"), { className: "hint", textContent: told.note })] : [])];
}

// the address

let pending;
function remember() {
  clearTimeout(pending);
  pending = setTimeout(() => {
    const query = new URLSearchParams({ city: data.city, layers: [...state.chosen].join(","), on: iso(state.day) });
    if (map) {
      const { lng, lat } = map.getCenter();
      query.set("at", `${map.getZoom().toFixed(2)}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
      form.at.value = query.get("at");
    }
    if (state.metric) { query.set("metric", state.metric); query.set("by", state.by); }
    if (state.tall) query.set("tall", "1");
    history.replaceState(null, "", `?${query.toString().replaceAll("%2C", ",").replaceAll("%2F", "/")}`);
  }, 250);
}

// objects

const card = desk.querySelector(".map-card");
let before = null;
let picked = null; // [longitude, latitude] of the object whose card is open

// A ring about the object, and the object beside the card instead of under it.
function ring(at, move = false) {
  picked = at;
  if (!map) return;
  if (at && move) map.jumpTo({ center: at, zoom: Math.max(map.getZoom(), 16) });
  render();
  if (!at || innerWidth < 900) return;
  const hidden = map.project(at).x - (place.clientWidth - card.offsetWidth - 40);
  if (hidden > 0) map.panBy([hidden, 0], { duration: move || matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 300 });
}

async function open(url) {
  before ??= document.activeElement;
  card.hidden = false;
  const close = Object.assign(document.createElement("button"), { type: "button", className: "quiet-button map-close", textContent: "×", ariaLabel: words["Popup.Close"] });
  close.addEventListener("click", shut);
  const body = document.createElement("div");
  try {
    const answer = await fetch(`${url}?part=1`);
    if (!answer.ok) throw new Error(String(answer.status));
    body.innerHTML = await answer.text();
  } catch {
    const link = Object.assign(document.createElement("a"), { href: url, textContent: words.not_loaded });
    body.append(link);
  }
  card.replaceChildren(close, body);
  card.focus();
}

function shut() {
  card.hidden = true;
  card.replaceChildren();
  ring(null);
  before?.focus?.();
  before = null;
}

function addressOf(layer, key) {
  const known = layers.get(layer);
  if (known?.object) return known.object.replace("KEY", encodeURIComponent(key));
  return data.object.replace("LAYER", layer).replace("KEY", String(key).split("/").map(encodeURIComponent).join("/"));
}

function shownAt(point, reach) {
  const box = [[point.x - reach, point.y - reach], [point.x + reach, point.y + reach]];
  const found = new Map();
  for (const feature of map.queryRenderedFeatures(box)) {
    const layer = feature.layer.metadata?.layer;
    if (layer) found.set(`${layer} ${feature.properties.id}`, { layer, feature });
  }
  return [...found.values()];
}

function pick(point, lngLat, reach = 4) {
  let found = shownAt(point, reach);
  if (found.length > 1) found = found.filter((one) => one.layer !== "shade");
  if (!found.length) return;
  if (found.length === 1 && found[0].layer !== "shade" && !layers.get(found[0].layer).cells) {
    look(found[0], lngLat);
    return;
  }
  const popup = new maplibre.Popup({ maxWidth: "20rem" });
  popup.setLngLat(lngLat).setDOMContent(listOf(found, (one) => { popup.remove(); look(one, lngLat); })).addTo(map);
}

async function look({ layer, feature }, lngLat) {
  await open(addressOf(layer, feature.properties.id));
  ring(feature.geometry.type === "Point" ? feature.geometry.coordinates : lngLat.toArray());
}

function listOf(found, choose) {
  const list = Object.assign(document.createElement("ul"), { className: "map-several" });
  if (found.length > 1) list.ariaLabel = words.several;
  for (const { layer, feature } of found.slice(0, 12)) {
    const about = layers.get(layer);
    const item = document.createElement("li");
    const { properties } = feature;
    if (layer === "shade") item.textContent = `${properties[data.name] ?? properties.id}: ${number(properties.value ?? null)}`;
    else if (about.cells) item.textContent = `${about.name}: ${number(properties.n)} (${words.rows})`;
    else {
      const link = Object.assign(document.createElement("a"), { href: addressOf(layer, properties.id), textContent: `${properties[about.title] ?? properties.id}` });
      link.addEventListener("click", (event) => { event.preventDefault(); choose({ layer, feature }); });
      item.append(link, ` ${about.name}`);
    }
    list.append(item);
  }
  return list;
}

// the form

form.addEventListener("change", async ({ target }) => {
  if (target.name === "layers") {
    const key = target.closest(".map-layer").querySelector(".map-key");
    key.hidden = !target.checked;
    if (target.checked) {
      state.chosen.add(target.value);
      if (!(target.value in sources)) await load(target.value);
    } else state.chosen.delete(target.value);
    render();
  } else if (target.name === "metric" || target.name === "by") {
    state.metric = form.metric.value;
    state.by = form.by.value;
    await colourBy();
  } else if (target.name === "tall") {
    state.tall = target.checked;
    map?.easeTo({ pitch: state.tall ? 55 : 0, duration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 600 });
    render();
  } else if (target.name === "on" && target.value) {
    setDay(dayNumber(target.value));
    if (state.metric) await colourBy();
  } else return;
  remember();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (document.activeElement?.closest(".map-search") || form.q.value) find(form.q.value);
});

async function find(text) {
  const box = form.querySelector(".map-found");
  if (!text.trim()) return box.replaceChildren();
  let found;
  try {
    ({ found } = await (await fetch(`${data.search}?${new URLSearchParams({ q: text })}`)).json());
  } catch (error) {
    console.warn(error);
    return box.replaceChildren(Object.assign(document.createElement("p"), { className: "soft", textContent: words.no_search }));
  }
  const count = Object.assign(document.createElement("p"), { className: "soft", textContent: found.length ? words.found.replace("{number}", found.length) : words.nothing });
  const list = document.createElement("ul");
  for (const one of found) {
    const link = Object.assign(document.createElement("a"), { href: one.url, textContent: one.title });
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      const box = lineOf(one.layer)?.querySelector("input");
      if (box && !box.checked) box.click();
      await open(one.url);
      if (one.lon !== null) ring([one.lon, one.lat], true);
    });
    const item = document.createElement("li");
    item.append(link, " ", Object.assign(document.createElement("span"), { className: "soft", textContent: one.layer_name }));
    list.append(item);
  }
  return box.replaceChildren(count, list);
}

let typing;
form.q.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => find(form.q.value), 350);
});

// time

const slider = desk.querySelector("#when");
const play = desk.querySelector(".map-play");
let playing = null;
slider.max = last - first;

function setDay(day) {
  state.day = Math.min(Math.max(day, first), last);
  slider.value = state.day - first;
  form.on.value = iso(state.day);
  desk.querySelector(".map-day").textContent = iso(state.day).split("-").reverse().join(".");
  if (map?.isStyleLoaded() !== undefined) moveTime();
  remember();
}

function toggle(on) {
  clearInterval(playing);
  playing = on ? setInterval(() => (state.day >= last ? toggle(false) : setDay(state.day + 1)), MOVING) : null;
  play.setAttribute("aria-pressed", String(on));
  play.querySelector("use").setAttribute("href", play.querySelector("use").getAttribute("href").replace(/#.*/, on ? "#pause" : "#play"));
  play.querySelector("span").textContent = on ? words.pause : words.play;
}

slider.addEventListener("input", () => setDay(first + Number(slider.value)));
slider.addEventListener("change", () => state.metric && colourBy());
play.addEventListener("click", () => { if (state.day >= last) setDay(first); toggle(!playing); });
desk.querySelector("#window").addEventListener("change", ({ target }) => { state.days = Number(target.value); moveTime(); });
desk.addEventListener("keydown", (event) => { if (event.key === "Escape" && !card.hidden) shut(); });

// the beginning

async function begin() {
  setDay(state.day);
  if (innerWidth < 900) desk.querySelectorAll(".map-sheet").forEach((one) => { one.open = false; });
  const library = await arrived(() => import("qala/map"), late);
  outlines = await firstSight;
  waits.hidden = true;
  ({ maplibre, style } = library);
  if (data.basemap) beneath = await outside(data.basemap).catch((error) => { console.error(error); return beneath; });
  compose();
  const picture = place.querySelector("svg");
  const canvas = Object.assign(document.createElement("div"), { className: "map-gl" });
  place.append(canvas);
  try {
    map = await library.make(canvas, spec, { showCompass: true });
  } catch (error) {
    console.error(error);
    canvas.remove();
    desk.querySelector(".map-failed").hidden = false;
    return;
  }
  const [zoom, lat, lng] = data.at.split("/").map(Number);
  if (Number.isFinite(lng)) map.jumpTo({ zoom, center: [lng, lat] });
  if (state.tall) map.jumpTo({ pitch: 55 });
  map.on("moveend", remember);
  map.on("click", (event) => pick(event.point, event.lngLat));
  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.key === "Enter") pick(map.project(map.getCenter()), map.getCenter(), 14);
  });
  live.follow();
  map.once("idle", () => { picture?.remove(); place.dataset.drawn = "outlines"; });
  await Promise.all([...state.chosen].filter((id) => layers.has(id)).map(load));
  render();
  if (state.metric) await colourBy();
  for (const id of BASE.filter((one) => !(one in sources) && layers.get(one))) await load(id);
  render();
  map.once("idle", () => { place.dataset.drawn = "layers"; });
  map.triggerRepaint();
}

begin();
