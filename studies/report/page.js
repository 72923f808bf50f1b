"use strict";
// Draws the report from the data in the page. Data become text, never markup: only textContent and attributes are set.

const DATA = JSON.parse(document.getElementById("data").textContent);
const RUNS = DATA.runs;
const SVG = "http://www.w3.org/2000/svg";
const COLOURS = 6;
let current = 0;
let chosen = null;
let axis = 0;

// Elements

function element(name, properties, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (key === "on") for (const [event, handler] of Object.entries(value)) made.addEventListener(event, handler);
    else if (key === "class") made.className = value;
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function shape(name, properties, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (key === "on") for (const [event, handler] of Object.entries(value)) made.addEventListener(event, handler);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function body(id) {
  return document.querySelector(`#${id} .body`);
}

function fill(id, ...children) {
  body(id).replaceChildren(...children.filter((child) => child !== null && child !== undefined));
}

function number(value, digits) {
  return value === null || value === undefined ? "–" : value.toLocaleString("en", {
    minimumFractionDigits: digits, maximumFractionDigits: digits,
  });
}

function percent(score) {
  return `${number(score.top1, 2)} ± ${number(score.stderr, 2)} %`;
}

function duration(seconds) {
  if (seconds < 90) return `${number(seconds, seconds < 10 ? 1 : 0)} s`;
  return seconds < 5400 ? `${number(seconds / 60, 1)} min` : `${number(seconds / 3600, 1)} h`;
}

function money(value) {
  return value === null ? "unknown price" : `$${number(value, value && value < 0.1 ? 4 : 2)}`;
}

function plural(count, noun) {
  return `${number(count, 0)} ${noun}${count === 1 ? "" : "s"}`;
}

function table(headings, rows, numeric) {
  const right = new Set(numeric || []);
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": headings.filter(Boolean).join(", ") },
    element("table", {},
      element("thead", {}, element("tr", {}, ...headings.map((text, i) =>
        element("th", { scope: "col", class: right.has(i) ? "number" : "" }, text)))),
      element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((cell, i) =>
        element("td", { class: right.has(i) ? "number" : "" }, cell)))))));
}

// What the data say

function scored(run) {
  return run.order.map((index) => ({ index, candidate: run.candidates[index] })).filter((each) => each.candidate.score);
}

function complete(run) {
  return scored(run).filter((each) => each.candidate.score.images === run.images);
}

function front(points) {
  const sorted = [...points].sort((a, b) => a.x - b.x || b.y - a.y);
  const kept = [];
  for (const point of sorted) if (!kept.length || point.y > kept[kept.length - 1].y) kept.push(point);
  return kept;
}

function kindOf(run) {
  const name = RUNS[0].kinds[axis] && RUNS[0].kinds[axis][0];
  return run.kinds.findIndex((kind) => kind[0] === name);
}

// Charts

function ticks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough) || power;
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-9; at += step) found.push(Number(at.toPrecision(10)));
  return found;
}

function frame(host, height, x, y, xLabel, yLabel, label) {
  const width = Math.max(280, Math.round(host.clientWidth || 700));
  const box = { left: 50, right: width - 12, top: 12, bottom: height - 40 };
  const across = (value) => box.left + ((value - x[0]) / (x[1] - x[0] || 1)) * (box.right - box.left);
  const up = (value) => box.bottom - ((value - y[0]) / (y[1] - y[0] || 1)) * (box.bottom - box.top);
  const drawn = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  for (const at of ticks(y[0], y[1], 5)) {
    drawn.append(shape("line", { class: "axis", x1: box.left, x2: box.right, y1: up(at), y2: up(at) }),
      shape("text", { x: box.left - 7, y: up(at) + 4, "text-anchor": "end" }, String(at)));
  }
  for (const at of ticks(x[0], x[1], Math.max(3, width / 110))) {
    drawn.append(shape("text", { x: across(at), y: box.bottom + 17, "text-anchor": "middle" }, String(at)));
  }
  drawn.append(shape("text", { x: box.right, y: height - 6, "text-anchor": "end" }, xLabel),
    shape("text", { x: 2, y: 8 }, yLabel));
  return { drawn, across, up, box };
}

function range(values, share) {
  const low = Math.min(...values), high = Math.max(...values);
  const pad = (high - low || Math.abs(high) * 0.02 || 1) * share;
  return [low - pad, high + pad];
}

function legend(items) {
  return element("ul", { class: "legend" }, ...items.map(([mark, text]) => {
    const picture = shape("svg", { viewBox: "0 0 16 12", "aria-hidden": "true" });
    picture.append(mark);
    return element("li", {}, picture, text);
  }));
}

// Scores far below most others would press the others into a line; they are counted instead of drawn.
function lowestDrawn(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const share = (part) => sorted[Math.floor(part * (sorted.length - 1))];
  return Math.max(sorted[0], share(0.25) - 4 * Math.max(share(0.75) - share(0.25), 0.2));
}

function leftOut(count, floor) {
  return count ? ` ${plural(count, "score")} below ${number(floor, 1)} % ${count === 1 ? "is" : "are"} not drawn.` : "";
}

const runClass = (i) => `run${i % COLOURS}`;
const dot = (name) => shape("circle", { cx: 8, cy: 6, r: 4, class: name });
const line = (name) => shape("path", { d: "M0 6H16", class: name });
const diamond = (x, y, name) => shape("path", { d: `M${x} ${y - 7}l6 7l-6 7l-6 -7z`, class: name });

function drawScatter() {
  const kinds = RUNS[0].kinds;
  const series = RUNS.map((run) => {
    const kind = kindOf(run);
    return kind < 0 ? [] : complete(run).filter((each) => each.candidate.costs[kind] !== null).map((each) => ({
      ...each, x: each.candidate.costs[kind], y: each.candidate.score.top1, error: each.candidate.score.stderr,
    }));
  });
  const points = series.flat();
  if (!points.length) {
    fill("scatter", element("p", { class: "note" }, "Nothing is scored yet."));
    return;
  }
  const [name, label, unit] = kinds[axis];
  const reports = RUNS.map((run) => (kindOf(run) < 0 ? [] : run.winners.filter((winner) => winner.report).map((winner) => (
    { x: run.candidates[winner.index].costs[kindOf(run)], y: winner.report.top1, error: winner.report.stderr }
  ))));
  const floor = lowestDrawn(points.map((p) => p.y));
  const drawnPoints = points.filter((p) => p.y >= floor);
  const heights = [...drawnPoints, ...reports.flat()].flatMap((p) => [p.y - p.error, p.y + p.error]);
  const limits = (RUNS.length === 1 && RUNS[0].limits[name]) || [];
  const host = element("div", {});
  const select = element("select", { on: { change: (event) => { axis = Number(event.target.value); drawScatter(); } } },
    ...kinds.map((kind, i) => element("option", { value: i, selected: i === axis }, `${kind[1]} (${kind[2]})`)));
  fill("scatter",
    kinds.length > 1 ? element("div", { class: "controls" }, element("label", {}, "Cost ", select)) : null, host);
  const xs = points.map((p) => p.x).concat(limits);
  const { drawn, across, up, box } = frame(host, 330, range(xs, 0.05), range(heights, 0.04), `${label} (${unit})`,
    "top-1 %", `Top-1 accuracy against ${label}: ${points.length} scored candidates`);
  for (const limit of limits) {
    drawn.append(shape("line", { class: "limit", x1: across(limit), x2: across(limit), y1: box.top, y2: box.bottom }));
  }
  const several = RUNS.length > 1;
  series.forEach((all, i) => {
    const kept = front(all);
    const best = new Set(kept.map((p) => p.index));
    const steps = kept.filter((p) => p.y >= floor).map((p, k) => `${k ? `H${across(p.x)}V` : `M${across(p.x)} `}${up(p.y)}`).join("");
    if (steps) drawn.append(shape("path", { d: steps, class: `front ${runClass(i)}`, fill: "none" }));
    for (const p of all.filter((each) => each.y >= floor)) {
      const style = several || best.has(p.index) ? runClass(i) : "dim";
      drawn.append(shape("line", {
        class: `error ${style}`, x1: across(p.x), x2: across(p.x), y1: up(p.y - p.error), y2: up(p.y + p.error),
      }));
      const mark = shape("circle", {
        class: `point ${style}`, cx: across(p.x), cy: up(p.y), r: best.has(p.index) ? 4.5 : 3.2, "data-run": i,
        "data-index": p.index, on: { click: () => choose(i, p.index, true) },
      }, shape("title", {}, `${p.candidate.id}: ${percent(p.candidate.score)}, ${number(p.x, kinds[axis][3])} ${unit}`));
      if (several && !best.has(p.index)) mark.setAttribute("opacity", "0.45");
      drawn.append(mark);
    }
    for (const report of reports[i]) {
      drawn.append(shape("line", {
        class: runClass(i), x1: across(report.x), x2: across(report.x), y1: up(report.y - report.error),
        y2: up(report.y + report.error),
      }), diamond(across(report.x), up(report.y), runClass(i)));
    }
  });
  host.append(drawn);
  const items = several ? RUNS.map((run, i) => [dot(runClass(i)), run.id])
    : [[dot("dim"), "scores on search images"], [line("front run0"), "front: nothing cheaper is better"]];
  const winners = reports.flat().length > RUNS.length ? "winners" : "winner";
  if (reports.flat().length) items.push([diamond(8, 6, "run0"), `${winners} on report images, which chose nothing`]);
  if (limits.length) items.push([line("limit"), `limit ${limits.map((limit) => number(limit, 0)).join(", ")} ${unit}`]);
  host.append(legend(items), element("p", { class: "note" },
    `Vertical lines are standard errors. ${RUNS[current].protocol.error} The best of many look better than they are.${leftOut(points.length - drawnPoints.length, floor)}`));
  markChosen();
}

function drawProgress() {
  const series = RUNS.map((run) => {
    let best = -Infinity;
    return scored(run).map((each, i) => {
      if (each.candidate.score.images === run.images) best = Math.max(best, each.candidate.score.top1);
      return { ...each, x: i + 1, y: each.candidate.score.top1, best };
    });
  });
  const all = series.flat();
  if (!all.length) {
    fill("progress", element("p", { class: "note" }, "Nothing is scored yet."));
    return;
  }
  const floor = lowestDrawn(all.map((p) => p.y));
  const host = element("div", {});
  fill("progress", host);
  const { drawn, across, up, box } = frame(host, 260, [0, Math.max(...all.map((p) => p.x)) + 1],
    range(all.map((p) => p.y).filter((y) => y >= floor), 0.06), "evaluations", "top-1 %",
    "Best top-1 accuracy so far against the number of evaluations");
  if (RUNS.length === 1) {
    let before = 1;
    for (const p of series[0]) {
      if (p.candidate.round !== before) {
        drawn.append(shape("line", {
          class: "border", x1: across(p.x - 0.5), x2: across(p.x - 0.5), y1: box.top, y2: box.bottom,
        }));
        before = p.candidate.round;
      }
    }
  }
  series.forEach((points, i) => {
    for (const p of points.filter((each) => each.y >= floor)) {
      const mark = shape("circle", {
        class: `point ${RUNS.length > 1 ? runClass(i) : "dim"}`, cx: across(p.x), cy: up(p.y), r: 2.6, "data-run": i,
        "data-index": p.index, opacity: RUNS.length > 1 ? 0.4 : 1, on: { click: () => choose(i, p.index, true) },
      }, shape("title", {}, `${p.x}: ${p.candidate.id}, ${percent(p.candidate.score)}`));
      drawn.append(mark);
    }
    const known = points.filter((p) => p.best >= floor);
    const d = known.map((p, k) => `${k ? `H${across(p.x)}V` : `M${across(p.x)} `}${up(p.best)}`).join("");
    if (d) drawn.append(shape("path", { d, class: `best ${runClass(i)}`, fill: "none" }));
  });
  host.append(drawn, legend(RUNS.length > 1 ? RUNS.map((run, i) => [line(`best ${runClass(i)}`), run.id])
    : [[line("best run0"), "best so far, on search images"], [dot("dim"), "each score"],
      [line("border"), "a new round begins"]]));
  const low = all.filter((p) => p.y < floor).length;
  if (low) host.append(element("p", { class: "note" }, leftOut(low, floor).trim()));
  markChosen();
}

// Sections of one run

function drawResult(run) {
  const parts = [];
  if (run.best === null) {
    parts.push(element("p", {}, "No candidate within the limits was scored."));
  } else {
    const best = run.candidates[run.best];
    const figures = [];
    if (run.winners.length + run.without_winner.length > 1) {
      parts.push(winnersTable(run));
      for (const limits of run.without_winner) parts.push(element("p", {}, `Nothing within ${limits} was scored.`));
      parts.push(element("h3", {}, `The best of all, ${run.winners.at(-1).limits}`));
    }
    if (run.report) figures.push(["report", percent(run.report), `on ${plural(run.report.images, "image")} that chose nothing`]);
    figures.push(["search", percent(best.score), "chosen by it, so it looks better than it is"]);
    run.kinds.forEach(([, label, unit, digits], i) => figures.push([label, `${number(best.costs[i], digits)} ${unit}`, ""]));
    parts.push(element("dl", { class: "figures" }, ...figures.map(([label, value, about]) =>
      element("div", {}, element("dt", {}, label), element("dd", {}, value), about && element("dd", {}, element("small", {}, about))))));
    parts.push(element("p", {}, "The best network is ",
      element("button", { class: "plain", type: "button", on: { click: () => choose(current, run.best, true) } }, best.id),
      `, found in round ${best.round} of ${run.rounds.length}.`));
    parts.push(blocks(run, best), genotype(best));
  }
  parts.push(element("p", { class: "note" }, run.state ? `The search ended: ${run.state}.` : "The search has not ended."));
  if (run.diagnosis) parts.push(element("p", { class: "note" }, run.diagnosis));
  fill("result", ...parts);
}

function winnersTable(run) {
  const costs = run.kinds.map(([, label, unit]) => `${label}, ${unit}`);
  const rows = run.winners.map((winner) => {
    const found = run.candidates[winner.index];
    return [
      winner.limits,
      element("button", { class: "plain", type: "button", on: { click: () => choose(current, winner.index, true) } }, found.id),
      winner.report ? percent(winner.report) : "not yet", percent(found.score),
      ...run.kinds.map(([, , , digits], i) => number(found.costs[i], digits)),
    ];
  });
  const headings = ["best within", "network", "report", "search", ...costs];
  return table(headings, rows, headings.map((_, i) => i).slice(2));
}

function genotype(candidate) {
  const status = element("span", { class: "note", role: "status" });
  const copy = element("button", { class: "copy", type: "button", on: { click: async () => {
    try {
      await navigator.clipboard.writeText(candidate.genotype);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(text);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand("copy");
    }
    status.textContent = " copied";
  } } }, "Copy the genotype");
  const text = element("pre", {}, candidate.genotype);
  return element("div", {}, text, copy, status);
}

function blocks(run, candidate) {
  const rows = candidate.blocks.map((index) => run.blocks[index]);
  const most = Math.max(1, ...rows.map((row) => row[6]));
  const height = 19, width = Math.max(300, Math.min(700, body("result").clientWidth || 700)), start = 170;
  const drawn = shape("svg", {
    viewBox: `0 0 ${width} ${rows.length * height + 4}`, role: "img", class: "layers",
    "aria-label": `Layers of ${candidate.id} with their multiplications; the table after it has the same figures`,
  });
  rows.forEach(([stage, block, label, , channels, side, macs], i) => {
    const y = i * height + 13, long = (macs / most) * (width - start - 68);
    const name = stage < 0 ? "stem" : stage === 99 ? "head" : `${stage}.${block}`;
    drawn.append(shape("text", { x: 0, y }, name), shape("text", { x: 38, y }, label),
      shape("text", { x: start - 8, y, "text-anchor": "end" }, `${channels} @ ${side}`),
      shape("rect", { class: "bar", x: start, y: y - 10, width: Math.max(1, long), height: 12, rx: 2 }),
      shape("text", { x: start + long + 6, y }, `${number(macs / 1e6, 2)} M`));
  });
  const details = element("details", {}, element("summary", {}, "Costs by layer as a table"),
    table(["layer", "choices", "operators", "channels", "side", "M MACs", "M parameters"],
      rows.map(([stage, block, label, operators, channels, side, macs, params]) => [
        stage < 0 ? "stem" : stage === 99 ? "head" : `${stage}.${block}`, label, operators, number(channels, 0),
        number(side, 0), number(macs / 1e6, 3), number(params / 1e6, 4),
      ]), [3, 4, 5, 6]));
  return element("div", {}, element("p", { class: "note" }, "Stem, stage.block and head; choices; channels @ side; multiply-accumulates:"), drawn, details);
}

function choose(run, index, jump) {
  if (run !== current) {
    current = run;
    document.getElementById("run").value = String(run);
    drawRun();
  }
  chosen = index;
  drawCandidate();
  markChosen();
  if (jump) {
    const target = document.getElementById("candidate");
    target.scrollIntoView({ block: "nearest" });
  }
}

function drawCandidate() {
  const run = RUNS[current];
  if (chosen === null) {
    fill("candidate", element("p", { class: "note" },
      "Choose a point of a chart, a proposal of a round or a row of the table: its layers, costs and genotype are shown here."));
    return;
  }
  const candidate = run.candidates[chosen];
  if (!candidate.id) {
    fill("candidate", element("p", {}, `Round ${candidate.round}: ${candidate.verdict}. ${candidate.reason || ""}`),
      element("pre", {}, candidate.text || ""));
    return;
  }
  const score = candidate.score;
  fill("candidate",
    element("h3", {}, candidate.id),
    element("p", {}, [
      `Round ${candidate.round}, ${candidate.verdict}${candidate.reason ? ` (${candidate.reason})` : ""}`,
      score ? `${percent(score)} of ${plural(score.images, "image")}` : "not scored",
      ...run.kinds.map(([, label, unit, digits], i) => `${number(candidate.costs[i], digits)} ${unit} ${label}`),
    ].join("; ")),
    blocks(run, candidate), genotype(candidate));
}

function markChosen() {
  for (const mark of document.querySelectorAll(".selected")) mark.classList.remove("selected");
  for (const row of document.querySelectorAll("tr.chosen")) row.classList.remove("chosen");
  if (chosen === null) return;
  for (const mark of document.querySelectorAll(`.point[data-run="${current}"][data-index="${chosen}"]`)) mark.classList.add("selected");
  const row = document.querySelector(`#table tr[data-index="${chosen}"]`);
  if (row) row.classList.add("chosen");
}

const VERDICTS = { legal: "legal", duplicate: "duplicate", illegal: "illegal", "over limit": "over" };

function drawRounds(run) {
  const places = run.candidates.map((candidate, index) => ({ candidate, index }));
  fill("rounds", ...run.rounds.map((round, i) => {
    const own = places.filter((each) => each.candidate.round === i + 1);
    const ledger = round.ledger;
    const best = Math.max(...own.map((each) => (each.candidate.score ? each.candidate.score.top1 : -Infinity)));
    const facts = [
      `${plural(own.length, "proposal")}`, `${number(ledger.evaluated, 0)} scored`,
      Number.isFinite(best) ? `best ${number(best, 2)} %` : null,
      ledger.illegal ? `${number(ledger.illegal, 0)} illegal` : null,
      ledger.duplicate ? plural(ledger.duplicate, "duplicate") : null,
      ledger.over_limit ? `${number(ledger.over_limit, 0)} over the limit` : null,
    ].filter(Boolean).join(", ");
    const spent = [
      ledger.calls ? `${plural(ledger.calls, "call")}, ${number(ledger.prompt_tokens, 0)} + ${number(ledger.completion_tokens, 0)} tokens, ${money(ledger.cost_usd)}, ${duration(ledger.model_seconds)}` : null,
      `scoring ${duration(ledger.scoring_seconds)}`,
    ].filter(Boolean).join("; ");
    const chips = element("ul", { class: "chips" }, ...own.map(({ candidate, index }) => element("li", {},
      element("button", {
        type: "button", class: VERDICTS[candidate.verdict] || "", title: candidate.reason || candidate.verdict,
        on: { click: () => choose(current, index, true) },
      }, candidate.score ? `${number(candidate.score.top1, 2)} %` : candidate.verdict || "not judged"))));
    return element("details", i === run.rounds.length - 1 ? { open: true } : {},
      element("summary", {}, element("b", {}, `Round ${i + 1}`), round.limits ? `${round.limits}: ${facts}` : facts),
      round.strategy ? element("pre", { class: "strategy", tabindex: "0" }, round.strategy)
        : element("p", { class: "note" }, "This strategy writes no guidance."),
      round.cut ? element("p", { class: "note" }, `${number(round.cut, 0)} more characters are in the run's record.`) : null,
      round.agreement === undefined ? null : element("p", { class: "note" },
        `The guidance asked for shares of choices in ${plural(round.preferred, "gene")}; those of the proposals overlap with them by ${round.agreement} %.`),
      chips, element("p", { class: "note" }, spent));
  }));
  if (!run.rounds.length) fill("rounds", element("p", { class: "note" }, "No round has begun."));
}

function drawNiches(run) {
  const section = document.getElementById("niches"), niches = run.niches;
  section.hidden = !niches;
  if (!niches) return;
  const places = Object.values(niches.best);
  const tops = places.map((index) => run.candidates[index].score.top1);
  const low = Math.min(...tops), high = Math.max(...tops);
  const side = 420, left = 26, bottom = 24;
  const drawn = shape("svg", {
    viewBox: `0 0 ${side + left} ${side + bottom}`, role: "img", class: "niches",
    "aria-label": `${places.length} of ${niches.polygons.length} niches hold a network; the table of candidates lists them`,
  });
  niches.polygons.forEach((corners, niche) => {
    const index = niches.best[niche];
    const points = corners.map(([x, y]) => `${left + x * side},${(1 - y) * side}`).join(" ");
    if (index === undefined) {
      drawn.append(shape("polygon", { points, class: "empty" }, shape("title", {}, "nothing scored")));
      return;
    }
    const found = run.candidates[index];
    const strength = high > low ? 0.15 + 0.85 * ((found.score.top1 - low) / (high - low)) : 1;
    drawn.append(shape("polygon", {
      points, class: "filled", "fill-opacity": strength.toFixed(3), "data-run": current, "data-index": index,
      on: { click: () => choose(current, index, true) },
    }, shape("title", {}, `${found.id}: ${percent(found.score)}`)));
  });
  drawn.append(
    shape("text", { x: left + side, y: side + 17, "text-anchor": "end" }, niches.labels[0]),
    shape("text", { x: 0, y: 0, transform: `translate(16 ${side}) rotate(-90)` }, niches.labels[1]));
  fill("niches", element("div", { class: "map" }, drawn), element("p", { class: "note" },
    `Each cell is a kind of network and holds the best of its kind, in a stronger colour the better it is: from ${number(low, 2)} to ${number(high, 2)} %. ${places.length} of ${niches.polygons.length} kinds are found; the best of ${niches.near} ${niches.near === 1 ? "kind" : "kinds"} comes within a point of the best of all.`));
}

function drawChoices(run) {
  const rows = [];
  for (const { label, choices } of run.choices) {
    const known = choices.filter((choice) => choice[2] !== null);
    if (known.length < 2) continue;
    const ranked = [...known].sort((a, b) => b[2] - a[2]);
    const [best, worst] = [ranked[0], ranked[ranked.length - 1]];
    const error = best[3] === null || worst[3] === null ? null : Math.hypot(best[3], worst[3]);
    rows.push({ label, choices, effect: best[2] - worst[2], error, strength: error ? (best[2] - worst[2]) / error : 0 });
  }
  rows.sort((a, b) => b.strength - a.strength);
  const tried = run.choices.flatMap((each) => each.choices);
  const used = tried.filter((choice) => choice[1]).length;
  const coverage = `${number(used, 0)} of ${number(tried.length, 0)} choices occur in a scored network; `
    + `${number(run.order.length, 0)} of ${run.size > 1e6 ? Number(run.size).toExponential(1) : number(run.size, 0)} networks are scored.`;
  if (!rows.length) {
    fill("choices", element("p", { class: "note" }, coverage));
    return;
  }
  const cells = (row) => [row.label, ...row.choices.map(([choice, count, mean, error]) =>
    mean === null ? `${choice}: –` : `${choice}: ${number(mean, 2)}${error === null ? "" : ` ± ${number(error, 2)}`} (${count})`)];
  const widest = Math.max(...rows.map((row) => row.choices.length));
  const listed = (some) => table(["gene", ...Array.from({ length: widest }, (_, i) => `choice ${i + 1}`), "largest difference"],
    some.map((row) => {
      const line = cells(row);
      while (line.length < widest + 1) line.push("");
      return [...line, `${number(row.effect, 2)}${row.error === null ? "" : ` ± ${number(row.error, 2)}`}`];
    }));
  const shown = 12;
  fill("choices", element("p", { class: "note" },
    `${coverage} Each choice is shown with the mean top-1 of the networks that have it, the error of that mean, and their number; networks in which the gene does not act are left out. What a choice came with differs, too: a difference is not its effect.`),
  listed(rows.slice(0, shown)),
  rows.length > shown ? element("details", {}, element("summary", {}, `The other ${rows.length - shown} genes`), listed(rows.slice(shown))) : null);
}

function drawEffort(run) {
  const total = run.total;
  const seconds = [["waiting for models", total.model_seconds, "bar"], ["scoring", total.scoring_seconds, "bar second"]];
  const other = Math.max(0, run.seconds - total.model_seconds - total.scoring_seconds);
  seconds.push(["the rest", other, "bar third"]);
  const sum = seconds.reduce((all, each) => all + each[1], 0) || 1;
  const drawn = shape("svg", { viewBox: "0 0 700 16", role: "img", "aria-label": "Where the time went", preserveAspectRatio: "none" });
  let at = 0;
  for (const [, value, name] of seconds) {
    drawn.append(shape("rect", { class: name, x: at, y: 0, width: (value / sum) * 700, height: 16 }));
    at += (value / sum) * 700;
  }
  const proposals = total.parsed + total.unreadable;
  fill("effort", element("dl", { class: "figures" }, ...[
    ["evaluations", number(total.evaluated, 0)], ["time", duration(run.seconds)],
    ["illegal proposals", `${number(100 * total.illegal_rate, 1)} %`],
    ["duplicates", `${number(proposals ? (100 * total.duplicate) / proposals : 0, 1)} %`],
    ["over the limit", `${number(proposals ? (100 * total.over_limit) / proposals : 0, 1)} %`],
    ["model calls", number(total.calls, 0)], ["tokens", number(total.prompt_tokens + total.completion_tokens, 0)],
    ["money", money(total.cost_usd)],
  ].map(([label, value]) => element("div", {}, element("dt", {}, label), element("dd", {}, value)))),
  drawn, legend(seconds.map(([label, value, name]) => [shape("rect", { class: name, x: 2, y: 1, width: 11, height: 10 }), `${label} ${duration(value)}`])));
}

// The table of candidates

let order = { column: 0, down: false };

function drawTable(run) {
  const columns = [
    ["round", (c) => c.round, 0], ["id", (c) => c.id || "", null], ["verdict", (c) => c.verdict || "not judged", null],
    ["top-1 %", (c) => (c.score ? c.score.top1 : null), 2], ["±", (c) => (c.score ? c.score.stderr : null), 2],
    ...run.kinds.map(([, label, unit, digits], i) => [`${label} (${unit})`, (c) => (c.costs ? c.costs[i] : null), digits]),
    ["why", (c) => c.reason || "", null],
  ];
  if (run.candidates.some((c) => c.score && c.score.images !== run.images)) {
    columns.splice(5, 0, ["images", (c) => (c.score ? c.score.images : null), 0]);
  }
  const search = element("input", { type: "search", id: "filter", on: { input: () => rows() } });
  const verdict = element("select", { id: "verdict", on: { change: () => rows() } },
    ...["all", ...new Set(run.candidates.map((c) => c.verdict || "not judged"))].map((text) => element("option", {}, text)));
  const status = element("p", { class: "note status", role: "status" });
  const head = element("tr", {});
  const content = element("tbody", {});
  function rows() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = run.candidates.map((candidate, index) => ({ candidate, index })).filter(({ candidate }) => {
      const text = `${candidate.id || ""} ${candidate.genotype || candidate.text || ""} ${candidate.reason || ""}`.toLowerCase();
      return (verdict.value === "all" || (candidate.verdict || "not judged") === verdict.value) && words.every((word) => text.includes(word));
    });
    const value = columns[order.column][1];
    kept.sort((a, b) => {
      const [x, y] = [value(a.candidate), value(b.candidate)];
      if (x === y) return a.index - b.index;
      if (x === null || x === "") return 1;
      if (y === null || y === "") return -1;
      return (x < y ? -1 : 1) * (order.down ? -1 : 1);
    });
    content.replaceChildren(...kept.map(({ candidate, index }) => element("tr", { "data-index": index },
      ...columns.map(([name, get, digits], i) => {
        const found = get(candidate);
        if (i === 1) {
          return element("td", {}, element("button", {
            class: "plain", type: "button", on: { click: () => choose(current, index, true) },
          }, found || "not readable"));
        }
        return element("td", { class: digits === null ? "" : "number" }, digits === null ? found : number(found, digits));
      }))));
    status.textContent = `${number(kept.length, 0)} of ${plural(run.candidates.length, "candidate")}`;
    head.replaceChildren(...columns.map(([name, , digits], i) => element("th", {
      scope: "col", class: digits === null ? "" : "number",
      "aria-sort": order.column === i ? (order.down ? "descending" : "ascending") : "none",
    }, element("button", { class: "plain", type: "button", on: { click: () => {
      order = { column: i, down: order.column === i ? !order.down : digits !== null && i > 0 };
      rows();
      head.children[i].querySelector("button").focus();
    } } }, `${name}${order.column === i ? (order.down ? " ▼" : " ▲") : ""}`))));
    markChosen();
  }
  fill("table", element("div", { class: "controls" },
    element("label", { for: "filter" }, "Words in id, genotype or reason", search),
    element("label", { for: "verdict" }, "Verdict", verdict)), status,
  element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of candidates" },
    element("table", {}, element("thead", {}, head), content)));
  rows();
}

function drawSetting(run) {
  fill("setting", element("div", { class: "columns" },
    element("div", {}, element("h3", {}, "Settings"), table(["setting", "value"], run.settings)),
    element("div", {}, element("h3", {}, "How scores were taken"),
      element("p", {}, `Top-1 accuracy in percent ${run.protocol.measure}.`),
      element("details", {}, element("summary", {}, `Protocol ${run.protocol.id}`), table(["field", "value"], run.protocol.fields)))));
}

function drawRun() {
  const run = RUNS[current];
  order = { column: 0, down: false };
  document.getElementById("lead").textContent = [
    run.supernet, run.settings.map(([label, value]) => (label === "seed" ? `seed ${value}` : label === "limit" || label === "budget" ? `${label} ${value}` : value)).slice(0, 6).join(" · "),
    run.state ? "finished" : "not finished",
  ].join(" · ");
  drawResult(run);
  drawCandidate();
  drawRounds(run);
  drawNiches(run);
  drawChoices(run);
  drawEffort(run);
  drawTable(run);
  drawSetting(run);
}

function drawAll() {
  drawScatter();
  drawProgress();
}

const select = document.getElementById("run");
RUNS.forEach((run, i) => select.append(element("option", { value: i }, run.id)));
document.getElementById("chooser").hidden = RUNS.length < 2;
select.addEventListener("change", () => {
  current = Number(select.value);
  chosen = null;
  drawRun();
  markChosen();
});
drawRun();
drawAll();
let width = window.innerWidth;
window.addEventListener("resize", () => {
  if (window.innerWidth === width) return;
  width = window.innerWidth;
  drawAll();
});
window.addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("#rounds details")) each.open = true;
});
