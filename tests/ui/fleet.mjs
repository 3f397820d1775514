// The pages of a fleet. Ten thousand devices that move are made here, so that the map's speed is
// measured whatever scenario runs; list and device page are those of the scenario, if it has a fleet.
import { join } from "node:path";

const many = 10_000;
const frames_wanted = 30;

/// An answer of api/positions: all of them on a spiral, each a little farther at every call.
function positions(now_ms, step) {
  const out = Buffer.alloc(24 + 20 * many);
  out.writeDoubleLE(now_ms, 0);
  out.writeDoubleLE(now_ms, 8);
  out.writeUInt32LE(many, 16);
  out.writeUInt32LE(many, 20);
  for (let i = 0; i < many; i++) {
    const at = 24 + 20 * i;
    const angle = i / 40 + step / 50;
    const radius = 0.0001 + i * 1e-6;
    out.writeUInt32LE(i, at);
    out.writeInt32LE(Math.round((60.17 + radius * Math.sin(angle)) * 1e7), at + 4);
    out.writeInt32LE(Math.round((24.94 + 2 * radius * Math.cos(angle)) * 1e7), at + 8);
    out.writeUInt32LE(Math.floor(now_ms / 1000), at + 12);
    out.writeUInt32LE(i % 100 === 0 ? 1 + ((i / 100) % 4) : 0, at + 16);
  }
  return out;
}

const map = ({ page }) => page.locator(".map-box canvas[tabindex]");
const figure = async (kit, name) => Number(await map(kit).getAttribute(`data-${name}`));

/// Frames drawn and what one costs the page's thread, with ten thousand devices moving in sight.
export async function manyMarkers(kit, base) {
  const { page, fail, out } = kit;
  let step = 0;
  await page.route("**/api/plant", async (route) => {
    const plant = await (await route.fetch()).json();
    plant.devices = { total: many, placed: many, map: false };
    await route.fulfill({ json: plant });
  });
  await page.route("**/api/positions*", (route) =>
    route.fulfill({
      contentType: "application/octet-stream",
      body: positions(Date.now(), step++),
    }),
  );
  await page.goto(new URL("#/fleet", base).href);
  await page.reload();
  const well = page.locator(".map-legend li").last();
  await well.filter({ hasText: "9,900" }).waitFor({ timeout: 30_000 });
  const first = await figure(kit, "frames");
  const begun = Date.now();
  // A count that a slow machine reaches too, only later.
  await page.waitForFunction(
    (wanted) => Number(document.querySelector(".map-box canvas[tabindex]").dataset.frames) >= wanted,
    first + frames_wanted,
    { timeout: 60_000 },
  ).catch(() => fail("fleet", `no ${frames_wanted} frames of ${many} devices in a minute`));
  const drawn = (await figure(kit, "frames")) - first;
  const seconds = (Date.now() - begun) / 1000;
  console.log(`  ${many} devices: ${drawn} frames in ${seconds.toFixed(1)} s, ` +
              `${await map(kit).getAttribute("data-cost")} ms each`);
  await page.screenshot({ path: join(out, "fleet-10000.png") });
}

/// What a person does: looks at the map by keyboard, opens the nearest device, looks one up.
export async function fleet(kit, plant) {
  if (!(plant.devices?.placed > 0)) return;
  const { page, watch, visit, inspect, fail, out } = kit;
  watch.where = "fleet";
  await visit(page, "#/fleet");
  await map(kit).focus();
  for (const key of ["+", "ArrowLeft", "-", "0", "Enter"]) await page.keyboard.press(key);
  await page.locator(".map-box.small").waitFor({ timeout: 10_000 });
  await inspect(page, "fleet device by keyboard");
  const name = await page.locator("main h1").innerText();
  await visit(page, "#/fleet/list");
  await page.getByRole("searchbox").fill(name);
  const rows = page.locator("main tbody tr");
  await rows.filter({ hasText: name }).first().waitFor({ timeout: 10_000 });
  await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length < 20);
  await page.getByRole("link", { name, exact: true }).click();
  await page.locator("main h1").filter({ hasText: name }).waitFor({ timeout: 10_000 });
  await page.screenshot({ path: join(out, "fleet-device.png"), fullPage: true });
  if (!(await page.evaluate(() => location.hash)).includes(encodeURIComponent(name))) {
    fail("fleet", "the address does not have the device's name");
  }
}
