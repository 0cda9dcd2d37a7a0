// Keeps a board fresh: an item is fetched by itself when news of its datasets come, and every item once a minute; it takes over
// in place only what changed, so that nothing flickers. Without connection the last numbers stay, and the board says since when;
// it tries again, ever more slowly, for days.
import { listen, paced, redraw, takeOver } from "qala/live";

const root = document.documentElement;
const board = document.querySelector("[data-board]");
const state = document.querySelector("[data-board-state]");
const wall = root.classList.contains("wall");
const EVERY = 60_000;
const LONGEST = 5 * 60_000;
const NEW_PAGE = 6 * 3600_000; // a fresh page now and then, so that a wall gets new versions of the program
const NEXT_LINES = 10_000; // how long a wall shows a part of what is longer than its place
const ASIDE = [401, 403, 404];
const DOWN = [502, 503, 504];
const begun = Date.now();
let wait = EVERY;
let timer = null;
let busy = false;
let whole = Date.now(); // when every item was looked at
let lostSince = null;
let trouble = ""; // "refused": nobody may read the board any more; "part": an item does not answer

function clock(at) {
  return new Intl.DateTimeFormat(root.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: board?.dataset.zone }).format(at);
}

function say() {
  if (!state) return;
  state.classList.toggle("lost", lostSince !== null || trouble !== "");
  state.textContent = lostSince ? `${state.dataset.lost} ${clock(lostSince)}` : trouble ? state.dataset[trouble] : `${state.dataset.live} · ${clock(new Date())}`;
}

const atWork = (section) => section.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");

function put(section, text) {
  const fresh = section.cloneNode(false);
  fresh.innerHTML = text;
  redraw(takeOver(section, fresh));
}

// "lost", "refused", "new page", "failed" or "fresh"
async function refresh(section) {
  let answer;
  let text;
  try {
    answer = await fetch(`${board.dataset.board}items/${section.dataset.item}/?${board.dataset.query}`, {
      headers: { "If-None-Match": section.dataset.tag }, cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(20_000),
    });
    text = await answer.text();
  } catch {
    return "lost";
  }
  if (DOWN.includes(answer.status)) return "lost";
  if (answer.type === "opaqueredirect" || ASIDE.includes(answer.status)) return "refused";
  if (!answer.ok && answer.status !== 304) return "failed";
  if (answer.headers.get("Qala-Board") !== board.dataset.state) return "new page";
  if (answer.status === 200 && !atWork(section)) {
    put(section, text);
    section.dataset.tag = answer.headers.get("ETag");
  }
  return "fresh";
}

async function newPage() {
  try {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(20_000) });
    if (answer.ok && !answer.redirected) location.reload();
  } catch {
    // the old page is better than none
  }
}

const sections = () => [...board.querySelectorAll("[data-item]")];
const told = new Set(); // sections that news were about

async function round(only = null) {
  if (busy) {
    only?.forEach((one) => told.add(one));
    return;
  }
  busy = true;
  clearTimeout(timer);
  const found = new Set();
  if (document.visibilityState === "visible") {
    for (const section of only ?? sections()) {
      const how = await refresh(section);
      found.add(how);
      section.classList.toggle("stale", how === "failed");
      if (!["fresh", "failed"].includes(how)) break;
    }
  }
  if (found.has("lost")) lostSince ??= new Date();
  else lostSince = null;
  trouble = found.has("refused") ? "refused" : found.has("failed") ? "part" : "";
  wait = lostSince || trouble ? Math.min(wait * 2, LONGEST) : EVERY;
  if (!only || lostSince || trouble) whole = Date.now();
  say();
  const forgotten = wall && !lostSince && document.querySelector("figure.waits"); // the browser will not ask for its library again
  if (found.has("new page") ? !board.contains(document.activeElement) : wall && !lostSince && !trouble && (forgotten || Date.now() - begun > NEW_PAGE)) await newPage();
  busy = false;
  timer = setTimeout(round, Math.max(0, whole + wait - Date.now()));
  if (told.size) atOnce();
}

const atOnce = paced(() => {
  if (lostSince || trouble) return told.clear(); // the next round looks at everything
  const now = sections().filter((one) => told.has(one));
  told.clear();
  return round(now);
});

function follow() {
  listen(board.dataset.news, {
    told: (datasets) => {
      for (const section of board.querySelectorAll("[data-live-of]")) {
        const { liveOf } = section.dataset;
        if (!datasets || liveOf === "*" || liveOf.split(" ").some((one) => datasets.includes(one))) told.add(section);
      }
      if (told.size) atOnce();
    },
    state: (how) => { if (how === "live" && lostSince) round(); },
  });
}

// What is longer than its place on a wall is shown part by part: nobody scrolls there.
function leaf() {
  for (const section of board.querySelectorAll("[data-item]")) {
    const place = [section, ...section.querySelectorAll(".scroll")].find((one) => one.scrollHeight > one.clientHeight + 4);
    if (!place || section.matches(":hover")) continue;
    const end = place.scrollTop + place.clientHeight >= place.scrollHeight - 4;
    place.scrollTo({ top: end ? 0 : place.scrollTop + place.clientHeight * 0.8, behavior: "instant" });
  }
}

function still() {
  let quiet;
  const calm = () => { quiet = setTimeout(() => root.classList.add("still"), 4000); };
  calm();
  for (const move of ["pointermove", "focusin", "keydown"]) {
    addEventListener(move, () => {
      root.classList.remove("still");
      clearTimeout(quiet);
      calm();
    });
  }
}

function awake() {
  if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {});
}

if (board) {
  addEventListener("online", () => { wait = EVERY; round(); });
  addEventListener("offline", () => { lostSince ??= new Date(); say(); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") round(); });
  if (wall) {
    still();
    awake();
    document.addEventListener("visibilitychange", awake);
    addEventListener("keydown", (event) => { if (event.key === "f") root.requestFullscreen?.(); });
    document.querySelector("[data-full]")?.addEventListener("click", () => root.requestFullscreen?.());
    setInterval(leaf, NEXT_LINES);
  }
  say();
  if (board.dataset.news) follow();
  timer = setTimeout(round, Number(new URLSearchParams(location.search).get("first") ?? EVERY));
}
