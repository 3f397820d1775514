// A person has a new model learned, at the page of the AI: asked for a name first, and told with it in
// the log, whatever came of it. Leaving the question changes nothing. For pages.mjs.
import { join } from "node:path";

export async function checkModels({ page, visit, inspect, fail, out }, base, get) {
  await visit(page, "#/ai");
  const panel = page.locator(".models");
  const before = await get("models");
  if (before.versions.length === 0) return fail("models", "no model is there");
  const rows = await panel.locator("tbody tr").count();
  if (rows !== before.versions.length) fail("models", `${rows} rows of ${before.versions.length}`);
  const train = panel.getByRole("button", { name: "Train now" }).first();
  await train.click();
  await inspect(page, "models, the question");
  await page.keyboard.press("Escape");
  await panel.locator("dialog").waitFor({ state: "detached", timeout: 5000 });
  if ((await get("models")).training) fail("models", "who leaves the question has trained");
  await train.click();
  await panel.locator("dialog").getByLabel("Your name").fill("Ana");
  await panel.locator("dialog").getByLabel("Comment").fill("new pump");
  await panel.locator("dialog").getByRole("button", { name: "Train now" }).click();
  await panel.locator("dialog").waitFor({ state: "detached", timeout: 10_000 });
  await panel.locator(".model-log li").filter({ hasText: "Ana" }).first().waitFor({
    timeout: 180_000,
  });
  await inspect(page, "models");
  await page.screenshot({ path: join(out, "models.png"), fullPage: true });
  const metrics = await (await fetch(new URL("metrics", base))).text();
  if (!metrics.includes("sosie_model_active_version")) fail("models", "no metric");
}
