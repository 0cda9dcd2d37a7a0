// Draws a figure's map from the JSON beside it; MapLibre is loaded with this module. Other maps of the site begin with `make`.
import * as maplibre from "maplibre-gl";
import { coloured, onTheme, savePicture } from "qala/look";

export { maplibre };

maplibre.setWorkerUrl(import.meta.resolve("maplibre-gl/worker"));

/** A style of ours: colours from tokens, labels in the page's letters, the land beneath. */
export function style(sources, layers) {
  const ours = layers.map((layer) => {
    if (layer.type !== "symbol") return layer;
    const layout = { "text-font": ["Onest"], ...layer.layout };
    const paint = { "text-color": "var(--map-label)", "text-halo-color": "var(--map-halo)", "text-halo-width": 1.4, ...layer.paint };
    return { ...layer, layout, paint };
  });
  return coloured({ version: 8, sources, layers: [{ id: "land", type: "background", paint: { "background-color": "var(--map-land)" } }, ...ours] });
}

/**
 * Makes a map in an element and returns it (MapLibre's `Map`), re-coloured when the theme changes.
 * `spec`: sources, layers, bounds [west, south, east, north], words (texts of the controls), attribution.
 */
export async function make(place, spec, more = {}) {
  await stylesheet();
  await Promise.all(["Aa", "Бб", "Ққ"].map((text) => document.fonts.load('500 14px "Onest"', text)));
  const map = new maplibre.Map({
    container: place, style: style(spec.sources, spec.layers), bounds: spec.bounds, fitBoundsOptions: { padding: 24 }, locale: spec.words ?? {},
    attributionControl: false, cooperativeGestures: false, fadeDuration: 0, localIdeographFontFamily: false, ...more,
  });
  map.addControl(new maplibre.NavigationControl({ visualizePitch: true, showCompass: more.showCompass ?? false }), "top-right");
  map.addControl(new maplibre.FullscreenControl(), "top-right");
  if (spec.attribution) map.addControl(new maplibre.AttributionControl({ compact: false, customAttribution: spec.attribution }), "bottom-right");
  map.scrollZoom.disable();
  place.addEventListener("focusin", () => map.scrollZoom.enable());
  map.on("click", () => map.scrollZoom.enable());
  const stop = onTheme(() => map.setStyle(style(spec.sources, spec.layers), { diff: true }));
  const there = new ResizeObserver(() => {
    if (place.isConnected) return;
    there.disconnect();
    stop();
    map.remove();
  });
  there.observe(place);
  return map;
}

const maps = new WeakMap(); // what is drawn in a figure's place

/** Draws a `<figure data-map>`; a figure that took over the place of an earlier one has its own objects drawn in it. */
export async function draw(figure) {
  const place = figure.querySelector(".map-frame");
  if (!place) return;
  const data = JSON.parse(figure.querySelector(".figure-data").textContent);
  const known = maps.get(place);
  if (known) {
    Object.assign(known.data, data);
    known.map?.setStyle(style(data.sources, data.layers), { diff: true });
    return;
  }
  const state = { data };
  maps.set(place, state);
  place.dataset.drawn = "yes";
  try {
    const map = state.map = await make(place, data);
    map.once("load", () => place.querySelector(".map-wait")?.remove());
    for (const [layer, pairs] of Object.entries(data.popup ?? {})) {
      map.on("click", layer, (event) => popup(map, event, pairs));
      map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
      map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
    }
    figure.querySelector('[data-save="png"]')?.addEventListener("click", () => {
      map.once("render", () => savePicture(figure, map.getCanvas(), map.getPixelRatio())); // a drawing is there to be read only now
      map.triggerRepaint();
    });
    figure.dispatchEvent(new CustomEvent("qala:map", { bubbles: true, detail: { map } }));
  } catch (error) {
    console.error(error);
    place.hidden = true;
    figure.querySelector(".map-failed").hidden = false;
  }
}

/** What an object of a layer is, at the place that was clicked; made of elements, so that a name may hold anything. `url` becomes a link. */
export function popup(map, event, pairs) {
  const properties = event.features?.[0]?.properties ?? {};
  const list = Object.assign(document.createElement("dl"), { className: "map-facts" });
  for (const [key, label] of pairs) {
    if (properties[key] === undefined || properties[key] === null || properties[key] === "") continue;
    if (key === "url") {
      const item = Object.assign(document.createElement("dd"), { className: "link" });
      item.append(Object.assign(document.createElement("a"), { href: properties[key], textContent: label }));
      list.append(item);
      continue;
    }
    list.append(Object.assign(document.createElement("dt"), { textContent: label }), Object.assign(document.createElement("dd"), { textContent: properties[key] }));
  }
  return new maplibre.Popup({ maxWidth: "20rem" }).setLngLat(event.lngLat).setDOMContent(list).addTo(map);
}

let sheet;
function stylesheet() {
  sheet ??= new Promise((resolve) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: import.meta.resolve("maplibre-gl/css") });
    link.onload = link.onerror = resolve;
    document.head.prepend(link);
  });
  return sheet;
}
