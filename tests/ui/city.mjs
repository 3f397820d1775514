// The city's map. Sixty districts and ten thousand objects that all change are made here, so that its speed
// is measured whatever scenario runs; what a person does is tried on the scenario, if it has zones.
import { join } from "node:path";

const many = 10_000;
const turns = 25;
const frames_wanted = 60;
const columns = 10;
const rows = 6;
const middle = [1.44, 43.6];
const size = [0.02, 0.015];

function square(i) {
  const west = middle[0] + ((i % columns) - columns / 2) * size[0];
  const south = middle[1] + (Math.floor(i / columns) - rows / 2) * size[1];
  const [east, north] = [west + size[0], south + size[1]];
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
}

const zones = {
  zones: [
    {
      name: "districts",
      attribution: "made for this test",
      entities: Array.from({ length: columns * rows }, (_, i) => `districts:${i}`),
      names: Array.from({ length: columns * rows }, (_, i) => `District ${i}`),
      geojson: {
        type: "FeatureCollection",
        features: Array.from({ length: columns * rows }, (_, i) => ({
          type: "Feature",
          properties: {},
          geometry: { type: "Polygon", coordinates: [square(i)] },
        })),
      },
    },
  ],
  tiles: null,
};

/// Series of the districts, with the numbers of some that the running Sosie has.
function seriesOf(plant) {
  const ids = plant.series.map(({ id }) => id);
  const one = (entity, attribute, k) => ({
    ...plant.series[0],
    id: ids[k % ids.length],
    name: `${entity}.${attribute}`,
    entity,
    attribute,
    latest: { value: 20 + (k % 7), quality: 0, t: Date.now() },
  });
  return zones.zones[0].entities.flatMap((entity, i) => [
    one(entity, "no2_1h_mean", 2 * i),
    one(entity, "no2_1h_mean_deviation", 2 * i + 1),
  ]);
}

/// An answer of api/positions: those of which there are news, each with another value and a little farther.
/// Of ten thousand every one speaks once in `turns` answers.
function positions(now_ms, step) {
  const speak = (_, i) => step === 0 || i % turns === step % turns;
  const told = Array.from({ length: many }, (_, i) => i).filter(speak);
  const out = Buffer.alloc(24 + 24 * told.length);
  out.writeDoubleLE(now_ms, 0);
  out.writeDoubleLE(now_ms, 8);
  out.writeUInt32LE(many, 16);
  out.writeUInt32LE(told.length, 20);
  told.forEach((device, i) => {
    const at = 24 + 24 * i;
    const angle = device * 2.39996 + step / 2000;
    const far = Math.sqrt(device / many);
    out.writeUInt32LE(device, at);
    out.writeInt32LE(Math.round((middle[1] + 0.044 * far * Math.sin(angle)) * 1e7), at + 4);
    out.writeInt32LE(Math.round((middle[0] + 0.098 * far * Math.cos(angle)) * 1e7), at + 8);
    out.writeUInt32LE(Math.floor(now_ms / 1000), at + 12);
    out.writeUInt32LE(device % 100 === 0 ? 1 + ((device / 100) % 4) : 0, at + 16);
    out.writeFloatLE(20 + ((device + step) % 50) / 10, at + 20);
  });
  return out;
}

const top = ({ page }) => page.locator("canvas.city-objects");
const figure = async (kit, name) => Number(await top(kit).getAttribute(`data-${name}`));

/// Frames in some seconds, as the browser itself shows them, while `act` goes on.
async function frames(kit, what, act) {
  const { page, fail } = kit;
  const first = await figure(kit, "frames");
  const begun = Date.now();
  const acting = act?.(page);
  await page
    .waitForFunction(
      (wanted) => Number(document.querySelector("canvas.city-objects").dataset.frames) >= wanted,
      first + frames_wanted,
      { timeout: 60_000 },
    )
    .catch(() => fail("city", `${what}: no ${frames_wanted} frames in a minute`));
  await acting;
  const drawn = (await figure(kit, "frames")) - first;
  const seconds = (Date.now() - begun) / 1000;
  const cost = await top(kit).getAttribute("data-cost");
  console.log(`  ${what}: ${drawn} frames in ${seconds.toFixed(1)} s, ${cost} ms each`);
}

async function drag(page) {
  const box = await page.locator(".map-box").boundingBox();
  const at = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(...at);
  await page.mouse.down();
  for (let i = 1; i <= 40; i++) {
    await page.mouse.move(at[0] + 90 * Math.sin(i / 6), at[1] + 60 * Math.sin(i / 4));
  }
  await page.mouse.up();
}

/// Frames drawn and what one costs the page's thread: in groups, each by itself, and while dragged.
export async function manyObjects(kit, base) {
  const { page, out } = kit;
  let step = 0;
  await page.route("**/api/plant", async (route) => {
    const plant = await (await route.fetch()).json();
    plant.devices = { total: many, placed: many, map: false };
    plant.zones = columns * rows;
    await route.fulfill({ json: plant });
  });
  await page.route("**/api/zones", (route) => route.fulfill({ json: zones }));
  await page.route("**/api/zones/series", async (route) => {
    const plant = await (await fetch(new URL("api/plant", base))).json();
    await route.fulfill({ json: { series: seriesOf(plant) } });
  });
  await page.route("**/api/positions*", (route) =>
    route.fulfill({
      contentType: "application/octet-stream",
      body: positions(Date.now(), step++),
    }),
  );
  await page.route("**/api/devices/*", (route) =>
    route.fulfill({ json: { id: "one", index: 0, kind: "", alarm: null, series: [], position: null } }),
  );
  await page.goto(new URL("#/city", base).href);
  await page.reload();
  await page.waitForFunction(
    (wanted) => Number(document.querySelector("canvas.city-objects")?.dataset.objects) === wanted,
    many,
    { timeout: 30_000 },
  );
  await frames(kit, `${many} objects in groups`);
  await page.getByRole("checkbox", { name: "Group objects" }).uncheck();
  await frames(kit, `${many} objects, each drawn`);
  await frames(kit, `${many} objects, dragged`, drag);
  await page.screenshot({ path: join(out, "city-10000.png") });
}

/// How many pixels of the canvas of objects are painted: it holds them and the districts' numbers.
const painted = ({ page }) =>
  top({ page }).evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((part, i) => i % 4 === 3 && part > 0).length;
  });

/// Objects are drawn when the page is opened, and each choice of them is another picture.
async function choices(kit) {
  const { page, fail } = kit;
  await page.reload();
  await page
    .waitForFunction(() => Number(document.querySelector("canvas.city-objects")?.dataset.objects) > 0, null, {
      timeout: 10_000,
    })
    .catch(() => fail("city", "no objects"));
  const choose = async (name) => {
    await page.getByRole("button", { name, exact: true }).click();
    await page.waitForTimeout(700);
    return painted(kit);
  };
  const none = await choose("none");
  const all = await choose("all");
  if (all <= none) fail("city", `${all} pixels with all objects, ${none} with none of them`);
  await page.getByRole("checkbox", { name: "Group objects" }).uncheck();
  await page.waitForTimeout(300);
  if ((await painted(kit)) === all) fail("city", "the same picture with groups and without");
  await page.getByRole("checkbox", { name: "Group objects" }).check();
}

/// What a person does: goes through the map by keyboard, opens a district from the list, and the map's own.
export async function city(kit, plant) {
  if (!(plant.zones > 0)) return;
  const { page, watch, visit, inspect, fail, out } = kit;
  watch.where = "city";
  await visit(page, "#/city");
  if (plant.devices.placed > 0) await choices(kit);
  const map = page.locator(".leaflet-container");
  await map.focus();
  for (const key of ["+", "ArrowLeft", "-", "0"]) await page.keyboard.press(key);
  const link = page.locator(".city-list tbody a").first();
  const name = await link.innerText();
  await link.press("Enter");
  await page.locator("h2.city-name").filter({ hasText: name }).waitFor({ timeout: 10_000 });
  await page.locator(".chart").first().waitFor({ timeout: 10_000 });
  await inspect(page, "city, a district");
  await page.screenshot({ path: join(out, "city-district.png"), fullPage: true });
  await page.getByRole("button", { name: "none", exact: true }).click();
  await visit(page, "#/city");
  await map.focus();
  await page.keyboard.press("Enter");
  await page
    .locator("h2.city-name")
    .waitFor({ timeout: 10_000 })
    .catch(() => fail("city", "Enter opens nothing where the cross is in a district"));
}
