// The sliders of the page: the arithmetic of planner/economics/what_if/figures.py over the draws
// that the page carries. Nothing is fetched, nothing leaves the page.
(() => {
  "use strict";
  const found = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  offer(byId("download"));
  const page = found.what_if;
  const form = byId("sliders");
  if (!page || !form) return;

  const DAY_S = 86400, HOURS = 24, TIE = 1e-9, SURE = 0.8, HALVINGS = 6;
  const rows = page.rows;
  const block = decoded(page.block);
  const started = page.lengths.indexOf(1);
  const state = { v: page.queries_per_day, p: 1, t: started, u: null, n: {} };

  function decoded(text) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    const values = new Float64Array(bytes.length / 4);
    for (let k = 0; k < values.length; k++) values[k] = view.getFloat32(4 * k, true);
    return values;
  }

  // Arrays by draw are made once: a move of a slider allocates next to nothing.
  const filled = new Map();
  function same(value) {
    if (!filled.has(value)) filled.set(value, new Float64Array(rows).fill(value));
    return filled.get(value);
  }
  const draws = (series) => (series.row === null ? same(series.value)
    : block.subarray(series.row * rows, (series.row + 1) * rows));
  const spares = new Map();
  function spareOf(name) {
    if (!spares.has(name)) spares.set(name, new Float64Array(rows));
    return spares.get(name);
  }

  const spent = page.supplies.map((s) => ({
    ...s,
    drawn: draws(s.utilisation),
    prices: s.blocks.map((b) => draws(b.usd_per_gpu_hour)),
  }));

  function utilisation(supply) {
    if (state.u === null) return supply.drawn;
    const logit = (x) => Math.log(x / (1 - x));
    const shift = logit(state.u) - logit(supply.drawn[0]);
    return supply.drawn.map((x) => 1 / (1 + Math.exp(-(logit(x) + shift))));
  }

  const nOf = (i) => state.n[i] ?? page.lines[i].n_samples;
  const accuracy = (i) => {
    const line = page.lines[i];
    return draws(line.accuracy[line.n_stops.indexOf(nOf(i))]);
  };

  // What a query of a line takes where the sliders stand: dollars, and replicas by fleet.
  function prepared(i, n) {
    const line = page.lines[i];
    const direct = new Float64Array(rows);
    const pools = new Map();
    let fixed = line.fixed_usd_per_day;
    for (const load of line.loads) {
      const taken = draws(load.alone[state.t]).slice();
      if (load.per_sample) {
        const each = draws(load.per_sample[state.t]);
        for (let d = 0; d < rows; d++) taken[d] += (n.length ? n[d] : n) * each[d];
      }
      const supply = load.supply === null ? null : spent[load.supply];
      const u = supply && utilisation(supply);
      if (load.paid === "GPUs") {
        const size = load.gpus_per_replica[state.t];
        for (let d = 0; d < rows; d++) taken[d] *= supply.peak_to_mean / DAY_S / u[d] / size;
        if (!pools.has(load.supply)) pools.set(load.supply, []);
        pools.get(load.supply).push({ wanted: taken, size, least: supply.min_replicas });
        fixed += supply.fleet_usd_per_day;
      } else {
        const price = load.paid === "answer" ? 1 : state.p;
        for (let d = 0; d < rows; d++) direct[d] += taken[d] * price * (u ? supply.drawn[d] / u[d] : 1);
      }
    }
    return { fixed, direct, pools: [...pools] };
  }

  const whole = (fleet, d, v) =>
    Math.max(Math.ceil(fleet.wanted[d] * v - 1e-9), fleet.least) * fleet.size;

  // Dollars a day of a line at the volume of each draw, the cheapest GPUs first, into `usd`.
  function usdAt(line, at, usd) {
    const { direct, fixed } = line;
    for (let d = 0; d < rows; d++) usd[d] = fixed + direct[d] * at[d];
    for (const [place, fleets] of line.pools) {
      const { blocks, prices } = spent[place];
      const last = blocks.length - 1, daily = HOURS * state.p;
      if (last === 0 && fleets.length === 1) {
        const { wanted, size, least } = fleets[0], price = prices[0], each = size * daily;
        for (let d = 0; d < rows; d++) {
          const count = Math.ceil(wanted[d] * at[d] - 1e-9);
          usd[d] += (count > least ? count : least) * each * price[d];
        }
        continue;
      }
      for (let d = 0; d < rows; d++) {
        let left = 0, hourly = 0;
        for (let f = 0; f < fleets.length; f++) left += whole(fleets[f], d, at[d]);
        for (let b = 0; b < last && left > 0; b++) {
          const used = Math.min(left, blocks[b].gpus ?? left);
          hourly += used * prices[b][d];
          left -= used;
        }
        usd[d] += (hourly + left * prices[last][d]) * daily;
      }
    }
    return usd;
  }

  const gpusAt = (line, v) => line.pools.reduce((sum, [, fleets]) =>
    fleets.reduce((gpus, f) => gpus + whole(f, 0, v), sum), 0);

  // Puts the k-th smallest in its place, smaller ones before it and greater ones behind.
  function select(a, k, left, right) {
    while (left < right) {
      const pivot = a[(left + right) >> 1];
      let i = left, j = right;
      while (i <= j) {
        while (a[i] < pivot) i++;
        while (a[j] > pivot) j--;
        if (i <= j) {
          const kept = a[i];
          a[i++] = a[j];
          a[j--] = kept;
        }
      }
      if (k <= j) right = j;
      else if (k >= i) left = i;
      else return;
    }
  }

  // numpy's linear quantiles of the draws, without the central case.
  const spare = new Float64Array(rows - 1);
  function span(values) {
    const last = rows - 2;
    spare.set(values.subarray(1));
    const at = (q, from) => {
      const place = last * q, k = Math.floor(place);
      select(spare, k, from, last);
      if (k === last) return spare[k];
      let next = spare[k + 1];
      for (let d = k + 2; d <= last; d++) if (spare[d] < next) next = spare[d];
      return spare[k] + (next - spare[k]) * (place - k);
    };
    const low = at(0.05, 0);
    return { central: values[0], low, high: at(0.95, Math.floor(last * 0.05)) };
  }

  // What the volume asked about does not move; worked out anew when another slider moves.
  let lines = null;
  function linesNow() {
    const key = JSON.stringify([state.p, state.t, state.u, state.n]);
    if (lines === null || lines.key !== key) lines = { key, evens: new Map(), ...linesAnew() };
    return lines;
  }

  function linesAnew() {
    const { volumes } = page, every = page.lines.map((_, i) => i);
    const own = every.map((i) => prepared(i, nOf(i)));
    const right = every.map(accuracy);
    const parity = page.lines.map((l, i) =>
      l.parity_n && state.n[i] === undefined ? draws(l.parity_n) : null);
    const atParity = parity.some((n) => n !== null);
    const judged = every.map((i) => (parity[i] ? prepared(i, parity[i]) : own[i]));
    const floor = right[page.reference];
    const unable = every.map((i) => {
      const found = [];
      for (let d = 0; d < rows; d++) {
        const reached = parity[i] ? isFinite(parity[i][d])
          : !atParity || right[i][d] >= floor[d] - page.accuracy_matters;
        if (!reached) found.push(d);
      }
      return found;
    });
    const byVolume = every.map((i) =>
      volumes.map((v, k) => usdAt(own[i], same(v), spareOf(`own ${i} ${k}`))));
    const found = { own, right, parity, atParity, judged, unable };
    return {
      ...found,
      curves: byVolume.map((at) => at.map(span)),
      judgedByVolume: every.map((i) => volumes.map((v, k) =>
        judgedUsd(found, i, same(v), byVolume[i][k], spareOf(`judged ${i} ${k}`)))),
    };
  }

  // Dollars a day at which a line is judged: at its parity n, and never where it is not accurate
  // enough. usd: those at its own n, where they are known.
  function judgedUsd(l, i, at, usd, into) {
    if (usd !== null && l.parity[i] === null && l.unable[i].length === 0) return usd;
    if (usd !== null && l.parity[i] === null) into.set(usd);
    else usdAt(l.judged[i], at, into);
    for (const d of l.unable[i]) into[d] = Infinity;
    return into;
  }

  function computed() {
    const l = linesNow(), at = spareOf("volume").fill(state.v);
    const ownNow = l.own.map((line, i) => usdAt(line, at, spareOf(`own now ${i}`)));
    const judgedNow = ownNow.map((usd, i) => judgedUsd(l, i, at, usd, spareOf(`judged now ${i}`)));
    const mean = spareOf("mean");
    const shown = page.lines.map((line, i) => {
      const usd = span(ownNow[i]);
      for (let d = 0; d < rows; d++) mean[d] = Math.max(l.right[i][d] - line.optimism, 0);
      return {
        usd,
        accuracy: span(mean),
        correct: mean[0] > 0 ? usd.central / state.v / mean[0] : null,
        gpus: gpusAt(l.own[i], state.v),
      };
    });
    let verdict;
    if (page.judged === "plan") {
      verdict = { leader: 0, probability: beats(ownNow, l.right), decided: false };
    } else if (page.lines.length === 1) {
      verdict = { leader: 0, probability: 1, decided: true };
    } else {
      verdict = l.atParity ? cheapest(judgedNow) : dominating(ownNow, l.right);
    }
    const { leader } = verdict, budget = page.budget_usd_per_day;
    if (!l.evens.has(leader)) l.evens.set(leader, breakEven(leader, l));
    return {
      ...verdict, atParity: l.atParity, shown,
      within: budget === null ? null : share((d) => judgedNow[0][d] <= budget * (1 + TIE)),
      even: l.evens.get(leader),
      curves: l.curves,
    };
  }

  function share(holds) {
    let count = 0;
    for (let d = 1; d < rows; d++) if (holds(d)) count++;
    return count / (rows - 1);
  }

  function lowest(usd, but, d) {
    let least = Infinity;
    for (let i = 0; i < usd.length; i++) if (i !== but && usd[i][d] < least) least = usd[i][d];
    return least;
  }

  function leading(won) {
    const leader = won.indexOf(Math.max(...won));
    return { leader, probability: won[leader] };
  }

  function cheapest(usd) {
    const found = leading(usd.map((own, i) => share((d) => {
      const other = lowest(usd, i, d);
      return isFinite(other) ? other - own[d] > other * TIE : isFinite(own[d]);
    })));
    const own = usd[found.leader];
    const saved = new Float64Array(rows - 1);
    for (let d = 1; d < rows; d++) {
      const other = lowest(usd, found.leader, d);
      saved[d - 1] = !isFinite(other) ? 1 : isFinite(own[d]) ? 1 - own[d] / other : -1;
    }
    saved.sort();
    const half = saved.length / 2;
    const middle = saved.length % 2 ? saved[half - 0.5] : (saved[half - 1] + saved[half]) / 2;
    return { ...found, decided: found.probability >= SURE && middle >= page.cost_matters };
  }

  function dominating(usd, right) {
    const few = page.cost_matters, point = page.accuracy_matters;
    const found = leading(usd.map((own, i) => share((d) => usd.every((_, k) => {
      if (k === i) return true;
      const [a, b, x, y] = [own[d], usd[k][d], right[i][d], right[k][d]];
      return a <= b * (1 + few) && x >= y - point && (a < b * (1 - few) || x > y + point);
    }))));
    return { ...found, decided: found.probability >= SURE };
  }

  function beats(usd, right) {
    const most = page.budget_usd_per_day;
    if (usd.length === 1) return most === null ? 1 : share((d) => usd[0][d] <= most * (1 + TIE));
    return share((d) => {
      const a = usd[0][d], b = usd[1][d], gain = right[0][d] - right[1][d];
      return (gain > 0 && a <= b * (1 + TIE)) || (gain >= 0 && a * (1 + TIE) < b);
    });
  }

  // Looked through from the largest volume down to where the leader is dearer; the step in which
  // it became the cheapest is halved. Training, spread over the horizon, is in it.
  function breakEven(leader, l) {
    if (page.lines.length === 1) return null;
    const { volumes } = page, at = new Float64Array(rows).fill(Infinity);
    const under = new Float64Array(rows).fill(volumes[0]);
    const training = page.lines.map((line) =>
      (line.training_usd_per_day ? draws(line.training_usd_per_day) : same(0)));
    // What the leader costs in each draw, and the cheapest of the others.
    const least = spareOf("least"), own = spareOf("leader");
    function weigh(usd) {
      const trained = training[leader];
      for (let d = 0; d < rows; d++) own[d] = usd[leader][d] + trained[d];
      least.fill(Infinity);
      for (let i = 0; i < usd.length; i++) {
        if (i === leader) continue;
        const rival = usd[i], more = training[i];
        for (let d = 0; d < rows; d++) {
          const its = rival[d] + more[d];
          if (its < least[d]) least[d] = its;
        }
      }
    }
    const cheapest = (d) => isFinite(own[d]) && own[d] * (1 + TIE) < least[d];
    const still = spareOf("still").fill(1);
    for (let k = volumes.length - 1; k >= 0; k--) {
      weigh(l.judgedByVolume.map((usd) => usd[k]));
      const below = volumes[Math.max(k - 1, 0)];
      for (let d = 0; d < rows; d++) {
        if (still[d] === 0) continue;
        if (cheapest(d)) {
          at[d] = volumes[k];
          under[d] = below;
        } else if (!isFinite(own[d]) || own[d] > least[d] * (1 + TIE)) still[d] = 0;
      }
    }
    const middle = spareOf("middle");
    for (let half = 0; half < HALVINGS; half++) {
      for (let d = 0; d < rows; d++) {
        middle[d] = Math.sqrt((isFinite(at[d]) ? at[d] : under[d]) * under[d]);
      }
      weigh(page.lines.map((_, i) => judgedUsd(l, i, middle, null, spareOf(`halved ${i}`))));
      for (let d = 0; d < rows; d++) {
        if (!isFinite(at[d])) continue;
        if (cheapest(d)) at[d] = middle[d];
        else under[d] = middle[d];
      }
    }
    const central = at[0], found = at.subarray(1).sort();
    const q = (p) => found[Math.max(Math.ceil(p * found.length) - 1, 0)];
    const known = found.findLastIndex((v) => isFinite(v)) + 1;
    return { central, median: q(0.5), low: q(0.05), high: q(0.95), share: known / found.length };
  }

  // Numbers as planner.units writes them.
  const digits = (x, n) => Number(x.toPrecision(n));
  const plain = (x) => x.toLocaleString("en-US", { maximumFractionDigits: 9 });
  function scaled(x, steps) {
    for (const [size, name] of steps) if (x >= size) return plain(digits(x / size, 12)) + name;
    return plain(x);
  }
  const LARGE = [[1e12, "T"], [1e9, "B"], [1e6, "M"]];
  function usdText(x) {
    const r = digits(x, 3);
    if (r >= 0.01 && r < 100 && Number(r.toFixed(2)) === r) return `$${r.toFixed(2)}`;
    return `$${scaled(r, LARGE)}`;
  }
  const countText = (x) => {
    const r = digits(x, 3);
    return r < 1e4 ? plain(r) : scaled(r, [...LARGE, [1e3, "k"]]);
  };
  // Draws travel with seven digits: six are shown, so that a half is not rounded otherwise.
  const percent = (x, places = 1) => `${plain(Number(digits(digits(x, 6) * 100, 12).toFixed(places)))}%`;
  const chance = (x) => (x > 0.99 ? "over 99%" : x < 0.01 ? "under 1%" : percent(x, 0));

  function verdictText(f) {
    const name = page.lines[f.leader].label, p = chance(f.probability);
    if (page.judged === "plan") {
      const most = page.budget_usd_per_day;
      const said = [];
      if (page.lines.length > 1) said.push(`The plan beats ${page.lines[1].label} in ${p} of the draws.`);
      if (most !== null) said.push(`It keeps to ${usdText(most)} a day in ${chance(f.within)} of them.`);
      return said.join(" ");
    }
    if (page.lines.length === 1) return "";
    const how = f.atParity
      ? "is cheaper at equal accuracy"
      : "costs no more and is at least as accurate, and gains in one of the two";
    if (f.decided) return `${name} ${how}, with a probability of ${p}.`;
    if (f.probability < SURE) return `Undecided: ${name} ${how} with a probability of only ${p}.`;
    return `Undecided: ${name} ${how}, but by too little to matter (${p} of the draws).`;
  }

  function evenText(f) {
    if (f.even === null) return "";
    const name = page.lines[f.leader].label, { central, median, low, high, share: part } = f.even;
    const ends = page.volumes, most = countText(ends[ends.length - 1]);
    const seldom = `in ${chance(part)} of the draws there is one`;
    if (!isFinite(median)) {
      return `No volume up to ${most} queries a day is known from which ${name} stays the cheapest: ${seldom}.`;
    }
    const upTo = isFinite(high) ? countText(high) : `over ${most}`;
    const range = `90% interval ${countText(low)} to ${upTo}`;
    const from = median === ends[0]
      ? `at every volume from ${countText(median)} queries a day on`
      : `from about ${countText(median)} queries a day on`;
    const middle = isFinite(central) ? `from ${countText(central)}` : "at no volume looked at";
    return `Break-even: ${name} is the cheapest ${from}, the median over the draws (${range}); with every input in its middle ${middle}.`;
  }

  let first = null;
  const places = new Map();
  for (const place of document.querySelectorAll("[data-figure]")) {
    places.set(`${place.dataset.figure} ${place.dataset.line}`, place);
  }
  function write(place, text) {
    if (place.textContent !== text) place.textContent = text;
  }
  function put(figure, line, text, value, gain) {
    const place = places.get(`${figure} ${line}`);
    if (!place) return;
    write(place, text);
    place.dataset.value = String(value);
    place.classList.toggle("good", gain > 0);
    place.classList.toggle("bad", gain < 0);
  }
  const gained = (was, is) => (Math.abs(is - was) <= 1e-9 * Math.abs(was) ? 0 : is - was);

  function show() {
    const f = computed();
    first = first || f;
    f.shown.forEach((now, i) => {
      const was = first.shown[i];
      put("usd", i, usdText(now.usd.central), now.usd.central, -gained(was.usd.central, now.usd.central));
      put("usd-range", i, `${usdText(now.usd.low)} to ${usdText(now.usd.high)}`,
        `${now.usd.low} ${now.usd.high}`, 0);
      put("correct", i, now.correct === null ? "–" : usdText(now.correct), now.correct,
        now.correct === null ? 0 : -gained(was.correct, now.correct));
      put("accuracy", i, percent(now.accuracy.central), now.accuracy.central,
        gained(was.accuracy.central, now.accuracy.central));
      put("accuracy-range", i, `${percent(now.accuracy.low)} to ${percent(now.accuracy.high)}`,
        `${now.accuracy.low} ${now.accuracy.high}`, 0);
      put("gpus", i, plain(now.gpus), now.gpus, -gained(was.gpus, now.gpus));
      const n = places.get(`n ${i}`);
      if (n) write(n, String(nOf(i)));
    });
    const verdict = byId("live-verdict");
    write(verdict, verdictText(f));
    verdict.dataset.leader = String(f.leader);
    verdict.dataset.probability = String(f.probability);
    verdict.dataset.decided = String(f.decided);
    verdict.dataset.within = String(f.within);
    const even = byId("live-even");
    write(even, evenText(f));
    even.dataset.value = JSON.stringify(f.even);
    draw(f);
  }

  // The chart: both axes grow tenfold a step.
  const NS = "http://www.w3.org/2000/svg";
  function shape(name, attributes, text) {
    const made = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }
  const [W, H, L, B, T, R] = [640, 300, 58, 42, 12, 24];
  const [from, to] = [page.volumes[0], page.volumes[page.volumes.length - 1]].map(Math.log10);
  const x = (v) => L + ((Math.log10(v) - from) / (to - from)) * (W - L - R);
  let drawn = null, svg = null, here = null;
  function draw(f) {
    if (drawn !== f.curves) drawLines(f);
    drawn = f.curves;
    const at = x(state.v).toFixed(1);
    here.setAttribute("x1", at);
    here.setAttribute("x2", at);
    svg.setAttribute("aria-label", `Dollars a day by volume. ${byId("live-verdict").textContent}`);
  }
  function drawLines(f) {
    const all = f.curves.flat();
    const low = Math.floor(Math.log10(Math.min(...all.map((s) => Math.max(s.low, 1e-3)))));
    const high = Math.ceil(Math.log10(Math.max(...all.map((s) => s.high))));
    const y = (usd) => H - B - ((Math.log10(Math.max(usd, 1e-3)) - low) / (high - low)) * (H - B - T);
    const axes = shape("g", { class: "axes" }), marks = shape("g", {});
    for (let k = low; k <= high; k++) {
      axes.append(shape("line", { x1: L, x2: W - R, y1: y(10 ** k), y2: y(10 ** k) }));
      axes.append(shape("text", { x: L - 6, y: y(10 ** k) + 4, "text-anchor": "end" }, axisUsd(10 ** k)));
    }
    for (let k = Math.ceil(from); k <= to; k++) {
      axes.append(shape("text", { x: x(10 ** k), y: H - B + 18, "text-anchor": "middle" }, countShort(10 ** k)));
    }
    axes.append(shape("text", { x: (L + W - R) / 2, y: H - 6, "text-anchor": "middle" }, "queries a day"));
    axes.append(shape("text", { x: 0, y: 0, "text-anchor": "middle", transform: `translate(12 ${(H - B) / 2}) rotate(-90)` }, "dollars a day"));
    f.curves.forEach((curve, i) => {
      const side = `side-${page.lines[i].side % 6}`;
      const at = (s, k, key) => `${x(page.volumes[k]).toFixed(1)} ${y(s[key]).toFixed(1)}`;
      const up = curve.map((s, k) => at(s, k, "high")), down = curve.map((s, k) => at(s, k, "low"));
      marks.append(shape("path", { class: `band ${side}`, d: `M${up.join("L")}L${down.reverse().join("L")}Z` }));
      marks.append(shape("path", { class: `curve ${side}${i ? " second" : ""}`, d: `M${curve.map((s, k) => at(s, k, "central")).join("L")}` }));
    });
    const ends = f.curves.map((curve, i) => ({ i, at: y(curve[curve.length - 1].central) + 4 }));
    let above = -Infinity;
    for (const end of ends.sort((a, b) => a.at - b.at)) {
      above = Math.max(end.at, above + 15);
      const side = `side-${page.lines[end.i].side % 6}`;
      marks.append(shape("text", { class: side, x: W - R + 5, y: above }, letter(end.i)));
    }
    here = shape("line", { class: "here", y1: T, y2: H - B });
    marks.append(here);
    svg = shape("svg", { viewBox: `0 0 ${W} ${H}`, role: "img" });
    svg.append(axes, marks);
    byId("live-chart").replaceChildren(svg);
  }
  const letter = (i) => String.fromCharCode(65 + (page.lines[i].side % 26));
  const countShort = (v) => (v >= 1e6 ? countText(v) : v >= 1e3 ? `${v / 1e3}k` : String(v));
  const axisUsd = (v) => (v < 1 ? `$${v}` : `$${countShort(v)}`);

  // Each slider: from its place to the state, back, and how it is written.
  const logTo = (base) => [(s) => base ** s, (v) => Math.log(v) / Math.log(base)];
  const [up10, down10] = logTo(10), [up2, down2] = logTo(2);
  const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
  const sliders = [...form.querySelectorAll("input")].map((input) => {
    const key = input.dataset.key, low = Number(input.min), high = Number(input.max);
    const i = Number(key.slice(1));
    const line = key[0] === "n" ? page.lines[i] : null;
    // The first place of a side that is judged at equal accuracy leaves its n to each draw.
    const stops = line && (line.parity_n ? [undefined, ...line.n_stops] : line.n_stops);
    const kinds = {
      v: { get: () => down10(state.v), set: (s) => { state.v = up10(s); }, text: () => `${countText(state.v)} a day`,
        value: () => state.v, restore: (v) => { state.v = clamp(v, 10 ** low, 10 ** high); }, start: page.queries_per_day },
      p: { get: () => down2(state.p), set: (s) => { state.p = up2(s); }, value: () => state.p, start: 1,
        restore: (v) => { state.p = clamp(v, 2 ** low, 2 ** high); },
        text: () => page.usd_per_gpu_hour === null ? `× ${plain(digits(state.p, 3))}`
          : `${usdText(page.usd_per_gpu_hour * state.p)} an hour` },
      t: { get: () => state.t, set: (s) => { state.t = Math.round(s); }, value: () => state.t, start: started,
        restore: (v) => { state.t = clamp(Math.round(v), low, high); },
        text: () => `${countText(page.output_tokens * page.lengths[state.t])} a sample` },
      u: { get: () => state.u ?? page.utilisation, set: (s) => { state.u = s; }, value: () => state.u, start: null,
        restore: (v) => { state.u = clamp(v, low, high); }, text: () => percent(state.u ?? page.utilisation, 0) },
      n: { get: () => stops.indexOf(state.n[i]) < 0 ? stops.indexOf(line.n_samples) : stops.indexOf(state.n[i]),
        set: (s) => { choose(stops[Math.round(s)]); },
        value: () => state.n[i], start: undefined, text: () => state.n[i] === undefined && line.parity_n
          ? `${nOf(i)}: equal accuracy` : String(nOf(i)),
        restore: (v) => { if (line.n_stops.includes(v)) choose(v); } },
    };
    const choose = (n) => {
      if (n === undefined || (n === line.n_samples && !line.parity_n)) delete state.n[i];
      else state.n[i] = n;
    };
    return { input, key, output: input.nextElementSibling, ...kinds[key[0]] };
  });

  function settle() {
    for (const s of sliders) {
      s.input.value = String(s.get());
      s.output.textContent = s.text();
      s.input.setAttribute("aria-valuetext", s.text());
    }
    show();
  }

  function remember() {
    const moved = sliders.filter((s) => s.value() !== s.start && s.value() !== undefined);
    const hash = moved.map((s) => `${s.key}=${digits(s.value(), 6)}`).join("&");
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  }

  function backToStart() {
    Object.assign(state, { v: page.queries_per_day, p: 1, t: started, u: null, n: {} });
  }

  function restore() {
    backToStart();
    const asked = new URLSearchParams(location.hash.slice(1));
    for (const s of sliders) {
      const value = Number(asked.get(s.key));
      if (asked.has(s.key) && Number.isFinite(value)) s.restore(value);
    }
    settle();
  }

  for (const s of sliders) {
    s.input.addEventListener("input", () => {
      s.set(Number(s.input.value));
      s.output.textContent = s.text();
      s.input.setAttribute("aria-valuetext", s.text());
      show();
    });
    s.input.addEventListener("change", remember);
  }
  byId("start-again").addEventListener("click", () => { backToStart(); remember(); settle(); });
  addEventListener("hashchange", restore);
  show();
  form.hidden = false;
  restore();

  function offer(link) {
    if (!link) return;
    const text = JSON.stringify(found, null, 2) + "\n";
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.hidden = false;
  }
})();
