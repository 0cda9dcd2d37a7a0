// Keeps a board fresh: every item is fetched by itself and put in place only when it changed; a chart or map that is drawn
// stays and gets its new numbers, so that nothing flickers. Without connection the last numbers stay, and the board says
// since when; it tries again, ever more slowly, for days.
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
let lostSince = null;
let trouble = ""; // "refused": nobody may read the board any more; "part": an item does not answer

function clock(at) {
  return new Intl.DateTimeFormat(root.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
}

function say() {
  if (!state) return;
  state.classList.toggle("lost", lostSince !== null || trouble !== "");
  state.textContent = lostSince ? `${state.dataset.lost} ${clock(lostSince)}` : trouble ? state.dataset[trouble] : `${state.dataset.live} · ${clock(new Date())}`;
}

const atWork = (section) => section.contains(document.activeElement) || [...section.querySelectorAll("details[open]")].some((one) => !one.closest(".waits"));

function put(section, text) {
  const box = document.createElement("div");
  box.innerHTML = text;
  for (const figure of box.querySelectorAll("figure[id]")) {
    const place = figure.querySelector(".canvas, .map-frame");
    const before = section.querySelector(`#${CSS.escape(figure.id)} > [data-drawn]`);
    if (place && before && place.classList[0] === before.classList[0]) place.replaceWith(before);
  }
  section.replaceChildren(...box.childNodes);
  section.dispatchEvent(new CustomEvent("qala:content", { bubbles: true }));
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

async function round() {
  if (busy) return;
  busy = true;
  clearTimeout(timer);
  const found = new Set();
  if (document.visibilityState === "visible") {
    for (const section of board.querySelectorAll("[data-item]")) {
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
  say();
  const forgotten = wall && !lostSince && document.querySelector("figure.waits"); // the browser will not ask for its library again
  if (found.has("new page") ? !board.contains(document.activeElement) : wall && !lostSince && !trouble && (forgotten || Date.now() - begun > NEW_PAGE)) await newPage();
  busy = false;
  timer = setTimeout(round, wait);
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
  timer = setTimeout(round, Number(new URLSearchParams(location.search).get("first") ?? EVERY));
}
