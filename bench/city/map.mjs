// From publish to pixel: publishes a city's objects to a broker and looks at its map in a real browser.
//
//   node bench/city/map.mjs PAGE_URL BROKER_URL OUTDIR [--objects 10000] [--rate 1000] [--samples 40]
//   node bench/city/map.mjs --districts          the districts that it publishes in, as GeoJSON
//
// PAGE_URL: the static site of deploy/nginx (bench/city/site.sh sets all of it up), or a Sosie that reads the
// broker. A probe in the middle of the map gets a new value again and again; what is measured is the time
// until the number beside it on the canvas is another, as a frame of the page sees it. A screen shows it at
// most one frame later. With --rate 0 the probe is all that moves. Fails above 100 ms at P95 or below 30
// frames/s.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    districts: { type: "boolean" },
    objects: { type: "string", default: "10000" },
    rate: { type: "string", default: "1000" },
    samples: { type: "string", default: "40" },
  },
});
const columns = 10;
const rows = 6;
const middle = [1.44, 43.6];
const size = [0.02, 0.015];
const corner = (i, j) => [
  middle[0] + (i - columns / 2) * size[0],
  middle[1] + (j - rows / 2) * size[1],
];
const districts = {
  type: "FeatureCollection",
  features: Array.from({ length: columns * rows }, (_, k) => {
    const [i, j] = [k % columns, Math.floor(k / columns)];
    const ring = [corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)];
    return {
      type: "Feature",
      properties: { code: String(k), name: `District ${k}` },
      geometry: { type: "Polygon", coordinates: [[...ring, ring[0]]] },
    };
  }),
};
if (args.districts) {
  console.log(JSON.stringify(districts));
  process.exit(0);
}
const [page_url, broker_url, out] = positionals;
if (!page_url || !broker_url || !out) {
  console.error("usage: node bench/city/map.mjs PAGE_URL BROKER_URL OUTDIR");
  process.exit(2);
}
mkdirSync(out, { recursive: true });

const require = createRequire(new URL("../../ui/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const mqtt = require("mqtt");
const many = Number(args.objects);
const most_ms = 100;
const least_frames = 30;
const failures = [];
const fail = (what) => {
  failures.push(what);
  console.log(`FAIL ${what}`);
};
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// ---- the city

/// Nobody is near the middle but the probe.
function place(i) {
  const far = 0.06 + 0.94 * Math.sqrt((i + 1) / many);
  return [middle[0] + 0.098 * far * Math.cos(i * 2.4), middle[1] + 0.044 * far * Math.sin(i * 2.4)];
}

function message(id, [longitude, latitude], no2) {
  return JSON.stringify({
    id: `urn:ngsi-ld:AirQualityObserved:${id}`,
    type: "AirQualityObserved",
    dateObserved: new Date().toISOString(),
    location: { type: "Point", coordinates: [longitude, latitude] },
    address: { addressLocality: "Toulouse", district: "District" },
    refDevice: id,
    typeofLocation: "outdoor",
    no2,
    pm10: 21.5,
    pm25: 11.25,
    o3: 48,
  });
}

const client = await mqtt.connectAsync(broker_url, { protocolVersion: 4 });
const publish = (i) =>
  client.publish(`toulouse/d${i % 60}/air/air-${i}`, message(`air-${i}`, place(i), 20 + (Math.random() * 200) / 10), {
    retain: true,
  });
const probe = (value) =>
  client.publish("toulouse/d35/air/probe", message("probe", middle, value), { retain: true });
function district(k) {
  const say = (attribute, value) =>
    client.publish(
      `sosie/toulouse/districts:${k}/${attribute}`,
      JSON.stringify({
        entity: `districts:${k}`,
        attribute,
        value,
        time: new Date().toISOString(),
        quality: "good",
        unit: "ug/m3",
        asset: "city",
        anomaly: false,
      }),
      { retain: true },
    );
  say("no2_1h_mean", 20 + (k % 9));
  say("no2_1h_mean_deviation", k % 13 === 4 ? 4.2 : ((k * 7) % 30) / 10 - 1.5);
}
for (let k = 0; k < columns * rows; k++) district(k);
for (let i = 0; i < many; i++) {
  publish(i);
  if (i % 1000 === 999) await sleep(50);
}
probe(10);
let next = 0;
let sent = 0;
const per_turn = Math.ceil(Number(args.rate) / 50);
const turns = setInterval(() => {
  for (let n = 0; n < per_turn; n++, next = (next + 1) % many, sent++) publish(next);
}, 20);

// ---- the page

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run"],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 1000 }, locale: "en-GB" });
page.on("pageerror", (error) => fail(`exception: ${error.message}`));
page.on("console", (m) => m.type() === "error" && fail(`console: ${m.text()}`));
await page.goto(new URL("#/city", page_url).href);
const top = page.locator("canvas.city-objects");
const figure = async (name) => Number(await top.getAttribute(`data-${name}`));
await page.waitForFunction(
  (wanted) => Number(document.querySelector("canvas.city-objects")?.dataset.objects) >= wanted,
  many,
  { timeout: 120_000 },
);
await page.locator(".city-list tbody tr").first().waitFor();
await page.screenshot({ path: join(out, "site-grouped.png") });

/// As the browser shows them: animation frames that the page got, and those in which it painted.
async function frames(what, seconds) {
  const painted = await figure("frames");
  const sent_before = sent;
  const shown = await page.evaluate(
    (ms) =>
      new Promise((done) => {
        let n = 0;
        const begun = performance.now();
        const count = (now) => (now - begun > ms ? done((1000 * n) / (now - begun)) : (n++, requestAnimationFrame(count)));
        requestAnimationFrame(count);
      }),
    1000 * seconds,
  );
  await sleep(1100);
  const drawn = ((await figure("frames")) - painted) / (seconds + 1.1);
  const cost = await top.getAttribute("data-cost");
  const rate = (sent - sent_before) / (seconds + 1.1);
  console.log(`${what}: ${shown.toFixed(1)} frames/s (${drawn.toFixed(1)} painted), ${cost} ms each, ${rate.toFixed(0)} messages/s`);
  if (shown < least_frames) fail(`${what}: less than ${least_frames} frames/s`);
}

await frames(`${many} objects in groups`, 5);
await page.getByRole("checkbox", { name: "Group objects" }).uncheck();
await sleep(500);
await frames(`${many} objects, each drawn`, 5);
await page.screenshot({ path: join(out, "site-all.png") });

// ---- the probe

await page.locator(".leaflet-container").focus();
await page.keyboard.press("0");
for (let i = 0; i < 8; i++) await page.keyboard.press("+");
await sleep(500);
await page.screenshot({ path: join(out, "site-probe.png") });
await page.evaluate(() => {
  const canvas = document.querySelector("canvas.city-objects");
  const pen = canvas.getContext("2d");
  const ratio = canvas.width / canvas.clientWidth;
  const x = Math.round(canvas.width / 2 + 8 * ratio);
  const y = Math.round(canvas.height / 2 - 9 * ratio);
  let before = "";
  window.changes = [];
  const look = () => {
    requestAnimationFrame(look);
    const bits = pen.getImageData(x, y, Math.round(60 * ratio), Math.round(18 * ratio)).data;
    let hash = 0;
    for (let i = 0; i < bits.length; i++) hash = (Math.imul(hash, 31) + bits[i]) | 0;
    if (String(hash) === before) return;
    before = String(hash);
    window.changes.push(performance.timeOrigin + performance.now());
  };
  requestAnimationFrame(look);
});
const took = [];
let lost = 0;
for (let i = 0; i < Number(args.samples); i++) {
  await sleep(250 + 200 * Math.random());
  const before = await page.evaluate(() => window.changes.length);
  const at = performance.timeOrigin + performance.now();
  probe(100 + ((i * 37) % 800) + 0.1);
  const seen = await page
    .waitForFunction((n) => window.changes[n], before, { timeout: 3000, polling: 20 })
    .then((handle) => handle.jsonValue())
    .catch(() => null);
  if (seen === null) lost++;
  else took.push(seen - at);
}
clearInterval(turns);
took.sort((a, b) => a - b);
const part = (share) => took[Math.min(took.length - 1, Math.floor(share * took.length))] ?? Number.NaN;
console.log(
  `publish to pixel: ${took.length} samples, P50 ${part(0.5).toFixed(0)} ms, P95 ${part(0.95).toFixed(0)} ms, longest ${part(1).toFixed(0)} ms, ${lost} never seen`,
);
if (!(part(0.95) < most_ms)) fail(`P95 is not below ${most_ms} ms`);
if (lost > 0) fail(`${lost} values were never seen`);
await browser.close();
await client.endAsync(true);
console.log(failures.length === 0 ? "well" : `${failures.length} failures`);
process.exit(failures.length === 0 ? 0 : 1);
