// Draws a figure's chart from the JSON beside it; ECharts is loaded with this module.
import * as echarts from "echarts";
import { amount, colour, fileName, font, language, number, onTheme, save, savePicture } from "qala/look";

const PALETTE = ["series-1", "series-2", "series-3", "series-4", "series-5", "series-6", "series-7", "series-8"];
let calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

const pictures = new Map(); // the places that are drawn, by element

/**
 * Draws a `<figure data-chart>`; drawn again when its size or the theme changes. A figure that took over the place of an
 * earlier one has its own numbers drawn in it. What is no longer in the page is let go.
 */
export async function draw(figure) {
  const place = figure.querySelector(".canvas");
  if (!place) return;
  const data = JSON.parse(figure.querySelector(".figure-data").textContent);
  await document.fonts?.ready;
  if (data.kind === "heat") place.style.height = `${Math.max(8, 3.5 + data.series.length * 1.75)}rem`;
  if (data.horizontal) place.style.height = `${Math.max(8, 3 + data.categories.length * Math.max(1.6, data.kind === "range" ? 0 : 0.9 * data.series.length))}rem`;
  const known = pictures.get(place);
  const picture = known?.picture ?? echarts.init(place, null, { renderer: "canvas" });
  const state = known ?? { picture };
  state.show = (moves = true) => picture.setOption({ ...options(data, place.clientWidth, place.clientHeight), ...(moves ? {} : { animation: false }) }, { notMerge: true });
  state.show(!known);
  if (!known) watch(place, state);
  figure.querySelector('[data-save="png"]')?.addEventListener("click", () => {
    savePicture(figure, picture.renderToCanvas({ pixelRatio: 2, backgroundColor: colour("paper") }), 2);
  });
  figure.querySelector('[data-save="csv"]')?.addEventListener("click", () => save(fileName(figure, "csv"), csv(data), "text/csv;charset=utf-8"));
  figure.dispatchEvent(new CustomEvent("qala:chart", { bubbles: true, detail: { chart: picture } }));
}

function watch(place, state) {
  pictures.set(place, state);
  place.dataset.drawn = "yes"; // and so it is printed
  const { picture } = state;
  let width = place.clientWidth;
  const sizes = new ResizeObserver(() => {
    if (!place.isConnected) {
      pictures.delete(place);
      sizes.disconnect();
      picture.dispose();
      return;
    }
    if (place.clientWidth === width && place.clientHeight === picture.getHeight()) return;
    width = place.clientWidth;
    picture.resize();
    state.show();
  });
  sizes.observe(place);
}

onTheme(() => pictures.forEach((one) => one.show()));
addEventListener("beforeprint", () => { // at once, before the paper is drawn
  calm = true;
  for (const one of pictures.values()) {
    one.show();
    one.picture.getZr().flush();
  }
});

const pen = document.createElement("canvas").getContext("2d");
function wide(text, size = 12) {
  pen.font = `${size}px ${font()}`;
  return pen.measureText(text).width;
}

// In how many rows the names of the series stand; more than three are leafed through instead.
function rowsOf(names, width) {
  let [rows, used] = [1, 0];
  for (const name of names) {
    const more = 33 + wide(name);
    if (used && used + more > width) [rows, used] = [rows + 1, 0];
    used += more;
  }
  return rows;
}

function options(data, width, height) {
  const named = data.series.length > 1 && !["heat", "range"].includes(data.kind);
  const rows = named ? rowsOf(data.series.map((one) => one.name), width) : 0;
  const head = rows ? 18 + 22 * Math.min(rows, rows > 3 ? 1 : 3) : 14;
  const limit = data.targets.length ? Math.max(...data.targets.map((target) => wide(amount(target, data.unit, data.digits), 11))) + 6 : 0;
  const look = { ink: colour("ink"), soft: colour("soft"), line: colour("line"), paper: colour("paper"), raised: colour("raised") };
  const colours = data.series.map((one, at) => colour(one.token || PALETTE[at % PALETTE.length]));
  const shared = {
    animation: !calm, animationDuration: 300, color: colours, backgroundColor: "transparent",
    textStyle: { fontFamily: font(), color: look.ink, fontSize: 12 },
    aria: { enabled: true, label: { enabled: false }, decal: { show: data.series.length > 1 && ["bar", "stacked"].includes(data.kind), decals: patterns() } },
    tooltip: { trigger: "axis", confine: true, backgroundColor: look.raised, borderColor: look.line, padding: [8, 12], extraCssText: "box-shadow: none", formatter: (hit) => tip(data, colours, hit), axisPointer: { type: "line", lineStyle: { color: look.soft } } },
    legend: { show: named, type: rows > 3 ? "scroll" : "plain", top: 0, itemGap: 10, left: 0, itemWidth: 18, itemHeight: 10, icon: data.kind === "line" ? undefined : "roundRect", textStyle: { color: look.soft, fontSize: 12 }, pageTextStyle: { color: look.soft }, pageIconColor: look.soft },
    grid: { left: 4, right: data.horizontal || !limit ? 14 : limit, top: head + (data.horizontal && limit ? 12 : 0), bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
  };
  return { ...shared, ...KINDS[data.kind](data, look, colours, shared, width, height) };
}

// A name in lines of so many letters: it breaks at blanks and after hyphens.
function inLines(name, letters) {
  const lines = [""];
  for (const word of name.split(/(?<=-)|\s+/)) {
    const last = lines.at(-1);
    const longer = last && !last.endsWith("-") ? `${last} ${word}` : last + word;
    if (last && longer.length > letters) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.join("\n");
}

const KINDS = {
  line: (data, look, colours) => ({ ...axes(data, look), series: data.series.map((one, at) => ({
    type: "line", name: one.name, data: one.values, connectNulls: false, symbol: "circle", symbolSize: data.categories.length > 40 ? 3 : 6, showSymbol: true,
    lineStyle: { width: 2.25, type: one.dashed ? [6, 5] : "solid" }, itemStyle: { color: colours[at] }, emphasis: { focus: "series" }, markLine: at === 0 ? limits(data, look) : undefined,
  })) }),
  bar: (data, look) => bars(data, look, undefined),
  stacked: (data, look) => bars(data, look, "all"),
  range: (data, look, colours) => {
    const [from, to, point] = data.series;
    return {
      ...axes(data, look), legend: { show: false },
      series: [
        { type: "bar", stack: "range", silent: true, itemStyle: { color: "transparent" }, data: from.values },
        { type: "bar", stack: "range", barWidth: 9, barMinHeight: 3, itemStyle: { color: colours[0], opacity: 0.45, borderRadius: 4 }, data: to.values.map((value, at) => (value === null || from.values[at] === null ? null : value - from.values[at])), markLine: limits(data, look) },
        { type: "scatter", symbolSize: 9, itemStyle: { color: colours[0], borderColor: look.paper, borderWidth: 1 }, data: point.values },
      ],
    };
  },
  sparkline: (data, look, colours) => ({
    grid: { left: 2, right: 4, top: 4, bottom: 4 }, legend: { show: false },
    xAxis: { type: "category", show: false, data: data.categories, boundaryGap: false }, yAxis: { type: "value", show: false, scale: true },
    series: data.series.map((one, at) => ({ type: "line", name: one.name, data: one.values, symbol: "none", lineStyle: { width: 2, type: one.dashed ? [4, 4] : "solid" }, itemStyle: { color: colours[at] }, markLine: at === 0 ? limits(data, look) : undefined })),
  }),
  heat: (data, look, _colours, shared, width) => {
    const known = data.series.flatMap((one) => one.values).filter((value) => value !== null);
    const roomy = width / Math.max(data.categories.length, 1) > 44;
    return {
      legend: { show: false }, tooltip: { ...shared.tooltip, trigger: "item", axisPointer: { type: "none" } }, grid: { ...shared.grid, top: 8, bottom: 44 },
      xAxis: { type: "category", data: data.categories, axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: look.soft, interval: 0, hideOverlap: true } },
      yAxis: { type: "category", inverse: true, data: data.series.map((one) => one.name), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: look.ink, width: Math.min(180, width * 0.35), overflow: "truncate" } },
      visualMap: { min: data.least ?? Math.min(...known), max: data.most ?? Math.max(...known), calculable: false, orient: "horizontal", left: "center", bottom: 0, itemHeight: 120, itemWidth: 10, text: [data.most ?? Math.max(...known), data.least ?? Math.min(...known)].map((value) => number(value, data.digits)), textStyle: { color: look.soft }, inRange: { color: [1, 2, 3, 4, 5].map((step) => colour(`heat-${step}`)) } },
      series: [{ type: "heatmap", data: data.series.flatMap((one, y) => one.values.map((value, x) => [x, y, value ?? "-"])), itemStyle: { borderColor: look.paper, borderWidth: 1.5, borderRadius: 2 }, label: { show: roomy, fontSize: 11, formatter: (hit) => number(hit.value[2], data.digits) }, emphasis: { itemStyle: { borderColor: look.ink } } }],
    };
  },
  radar: (data, look, colours, shared, width, height) => {
    const names = data.categories.map((name, axis) => inLines(data.series.some((one) => one.values[axis] === null) ? `${name} (—)` : name, width > 560 ? 26 : 15));
    const longest = Math.max(...names.flatMap((name) => name.split("\n")).map((line) => line.length)) * 7; // pixels
    const radius = Math.max(40, Math.min(height * 0.37, width / 2 - Math.max(78, longest) - 12));
    const most = data.most ?? Math.max(...data.series.flatMap((one) => one.values.map((value) => value ?? 0)));
    return {
      tooltip: { ...shared.tooltip, trigger: "item" },
      // what is missing is not nought: its axis says so
      radar: { indicator: names.map((name) => ({ name, max: most, min: data.least ?? 0 })), center: ["50%", "56%"], radius, axisName: { color: look.soft, fontSize: 12, lineHeight: 15 }, splitLine: { lineStyle: { color: look.line } }, axisLine: { lineStyle: { color: look.line } }, splitArea: { show: false } },
      series: [{ type: "radar", data: data.series.map((one, at) => ({ name: one.name, value: one.values.map((value) => value ?? "-"), symbolSize: 5, lineStyle: { width: 2, type: one.dashed ? [6, 5] : "solid" }, areaStyle: { color: colours[at], opacity: one.dashed || data.series.length > 3 ? 0 : 0.14 }, itemStyle: { color: colours[at] } })) }],
    };
  },
  scatter: (data, look, colours, shared) => {
    const [x, ...others] = data.series;
    return {
      color: colours.slice(1), tooltip: { ...shared.tooltip, trigger: "item" }, grid: { ...shared.grid, bottom: 24 },
      legend: { ...shared.legend, show: others.length > 1 },
      xAxis: { ...valueAxis(data, look), ...ends({ ...data, least: null, most: null, unit: "", targets: [], series: [x] }, false), name: x.name, nameLocation: "middle", nameGap: 32, nameTextStyle: { color: look.soft } },
      yAxis: { ...valueAxis(data, look), ...ends({ ...data, series: others }, false), name: others.length === 1 ? others[0].name : "", nameTextStyle: { color: look.soft, align: "left" } },
      series: others.map((one) => ({ type: "scatter", name: one.name, symbolSize: 10, itemStyle: { opacity: 0.8 }, data: one.values.map((value, at) => ({ name: data.categories[at], value: [x.values[at], value] })) })),
    };
  },
};

// Quiet patterns beside the colours, for eyes that do not tell the colours apart.
function patterns() {
  const shade = { color: document.documentElement.dataset.theme === "dark" ? "rgba(0,0,0,0.22)" : "rgba(255,255,255,0.26)" };
  return [
    { symbol: "none" }, { ...shade, dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4 },
    { ...shade, symbol: "circle", dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [5, 1], symbolSize: 0.7 }, { ...shade, dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: Math.PI / 4 },
    { ...shade, dashArrayX: [1, 0], dashArrayY: [2, 5] }, { ...shade, symbol: "rect", dashArrayX: [[4, 4], [0, 4, 4, 0]], dashArrayY: [4, 0] },
  ];
}

function bars(data, look, stack) {
  const round = data.horizontal ? [0, 3, 3, 0] : [3, 3, 0, 0];
  return { ...axes(data, look, true), series: data.series.map((one, at) => ({
    type: "bar", name: one.name, stack, data: one.values, barMaxWidth: 36, barGap: "15%", itemStyle: { borderRadius: stack ? 0 : round, opacity: one.dashed ? 0.45 : 1 }, emphasis: { focus: "series" }, markLine: at === 0 ? limits(data, look) : undefined,
  })) };
}

function axes(data, look, bar = false) {
  const names = { type: "category", data: data.categories, inverse: data.horizontal, boundaryGap: bar || data.kind === "range", axisTick: { show: false }, axisLine: { lineStyle: { color: look.line } }, axisLabel: { color: look.soft, hideOverlap: true, margin: 12, ...(data.horizontal ? { width: 170, overflow: "truncate" } : {}) } };
  const values = { ...valueAxis(data, look), ...ends(data, bar), ...(data.kind === "range" && data.digits === 0 ? { interval: undefined, minInterval: 1 } : {}) };
  return data.horizontal ? { xAxis: values, yAxis: names } : { xAxis: names, yAxis: values };
}

// Where the value axis ends: round numbers that hold every value and every target; bars begin at nought, shares end at 100.
function ends(data, bar) {
  const sums = data.kind === "stacked" ? data.categories.map((_, at) => data.series.reduce((sum, one) => sum + (one.values[at] ?? 0), 0)) : data.series.flatMap((one) => one.values);
  const known = [...sums, ...data.targets, ...(bar ? [0] : [])].filter((value) => value !== null);
  let [low, high] = [Math.min(...known), Math.max(...known)];
  if (low === high) [low, high] = [Math.min(low, bar ? 0 : low - 1), high + 1];
  const rough = (high - low) / 4;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * ten).find((one) => one >= rough);
  const top = Math.ceil(high / step - 1e-9) * step;
  return { min: data.least ?? Math.floor(low / step + 1e-9) * step, max: data.most ?? (data.unit === "%" && high <= 100 ? Math.min(top, 100) : top), interval: step };
}

function valueAxis(data, look) {
  return { type: "value", splitLine: { lineStyle: { color: look.line } }, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: look.soft, margin: 10, formatter: (value) => number(value) } };
}

function limits(data, look) {
  if (!data.targets.length) return undefined;
  const axis = data.horizontal ? "xAxis" : "yAxis";
  return { symbol: "none", silent: true, animation: false, lineStyle: { color: look.ink, width: 1.25, type: [3, 3] }, label: { show: data.kind !== "sparkline", position: "end", distance: 4, color: look.ink, fontSize: 11, formatter: (hit) => amount(hit.value, data.unit, data.digits) }, data: data.targets.map((target) => ({ [axis]: target })) };
}

// The tip is made of elements, not of HTML text: names may hold anything.
function tip(data, colours, hit) {
  const box = document.createElement("div");
  box.className = "chart-tip";
  const add = (name, text) => box.append(Object.assign(document.createElement("span"), { className: name, textContent: text }));
  const sign = (shade) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    for (const [key, value] of [["width", 10], ["height", 10]]) svg.setAttribute(key, value);
    for (const [key, value] of [["cx", 5], ["cy", 5], ["r", 4.5], ["fill", shade]]) dot.setAttribute(key, value);
    svg.append(dot);
    box.append(svg);
  };
  const line = (shade, name, value) => { sign(shade); add("name", name); add("value", amount(value, data.unit, data.digits, data.targets)); };
  if (data.kind === "heat") {
    const [x, y, value] = hit.value;
    add("of", data.series[y].name);
    line(hit.color, data.categories[x], value === "-" ? null : value);
  } else if (data.kind === "radar") {
    const at = hit.dataIndex;
    add("of", data.series[at].name);
    data.categories.forEach((name, axis) => line(colours[at], name, data.series[at].values[axis]));
  } else if (data.kind === "scatter") {
    add("of", hit.name);
    line(hit.color, data.series[0].name, hit.value[0]);
    line(hit.color, hit.seriesName, hit.value[1]);
  } else if (data.kind === "range") {
    const at = [hit].flat()[0].dataIndex;
    add("of", data.categories[at]);
    data.series.forEach((one) => line(colours[0], one.name, one.values[at]));
  } else {
    const hits = Array.isArray(hit) ? hit : [hit];
    add("of", hits[0]?.name ?? "");
    hits.forEach((one) => line(one.color, one.seriesName, one.value ?? null));
  }
  return box;
}

// As the server's files: parted by semicolons with a decimal comma where the language writes one.
function csv(data) {
  const [part, point] = language === "en" ? [",", "."] : [";", ","];
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value).replace(".", point);
    const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /["\n\r;,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const rows = [["", ...data.series.map((one) => one.name)], ...data.categories.map((name, at) => [name, ...data.series.map((one) => one.values[at])])];
  return "\ufeff" + rows.map((row) => row.map(cell).join(part)).join("\r\n") + "\r\n";
}
