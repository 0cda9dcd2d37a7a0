// Layers that follow the news: what moved glides to where it is now.
import { listen, paced, say } from "qala/live";

const GLIDE = 1500; // milliseconds
const FRAME = 66;
const FAR = 0.05; // degrees: who is farther away than that jumps

/** `chosen` tells which layers are open, `show` is given a layer's id and its points; returns how to load one and how to follow all. */
export function moving(layers, chosen, show) {
  const known = new Map(); // layer -> { at: object -> [longitude, latitude], timer }
  const mark = document.querySelector("[data-live-city]");
  let seen = new Date();

  async function move(id) {
    const answer = await fetch(layers.get(id).geojson, { cache: "no-store", signal: AbortSignal.timeout(20_000) });
    if (!answer.ok) throw new Error(String(answer.status));
    glide(id, await answer.json());
    seen = new Date();
    if (mark) say(mark, "live", seen);
  }

  function glide(id, { features }) {
    const before = known.get(id) ?? { at: new Map() };
    clearInterval(before.timer);
    const own = { at: new Map(), timer: null };
    known.set(id, own);
    const begun = performance.now();
    const whole = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : GLIDE;
    const step = () => {
      const part = whole ? Math.min(1, (performance.now() - begun) / whole) : 1;
      const now = features.map((one) => {
        const to = one.geometry.coordinates;
        const from = before.at.get(one.properties.id) ?? to;
        const here = Math.hypot(to[0] - from[0], to[1] - from[1]) > FAR ? to : [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
        own.at.set(one.properties.id, here);
        return { ...one, geometry: { type: "Point", coordinates: here } };
      });
      show(id, { type: "FeatureCollection", features: now });
      if (part === 1) clearInterval(own.timer);
    };
    own.timer = setInterval(step, FRAME);
    step();
  }

  function follow() {
    if (!mark || ![...layers.values()].some((one) => one.live)) return;
    const alive = () => chosen().filter((id) => layers.get(id)?.live);
    const ask = paced(() => Promise.all(alive().map(move)).catch((error) => {
      say(mark, "trouble", seen);
      throw error;
    }));
    listen(mark.dataset.liveCity, {
      told: (datasets) => {
        if (alive().some((id) => !datasets || datasets.includes(layers.get(id).live))) ask();
      },
      state: (how) => {
        if (!alive().length) return;
        if (how === "lost") say(mark, "lost", seen);
        else ask();
      },
    });
  }

  return { move, follow };
}
