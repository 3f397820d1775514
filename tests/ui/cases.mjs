// A person says of a finding that it was wrong, at its page: the answer stands there, with the name,
// and in the list for those who audit. For pages.mjs.
import { join } from "node:path";

export async function checkCases(tools, base, get) {
  const { page, visit, inspect, fail, out } = tools;
  const { findings } = await get("findings");
  const found = findings.find(({ rule }) => rule === undefined);
  if (!found) return fail("cases", "nothing was found that could be answered");
  await visit(page, `#/anomalies/${found.id}`);
  const before = (await get("answers")).answers.length;
  await page.getByRole("button", { name: "Wrong", exact: true }).click();
  await inspect(page, "cases, the form");
  await page.getByLabel("What it really was").selectOption("pollution_peak");
  await page.getByLabel("Your name").fill("Ana");
  await page.getByLabel("Comment").fill("it rained");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("✗ Wrong").first().waitFor({ timeout: 10_000 });
  await page.screenshot({ path: join(out, "cases.png"), fullPage: true });
  const { answers } = await get("answers");
  const [newest] = answers;
  if (answers.length !== before + 1 || newest.who !== "Ana" || newest.kind !== "pollution_peak") {
    fail("cases", `the answer is not kept: ${JSON.stringify(newest)}`);
  }
  const metrics = await (await fetch(new URL("metrics", base))).text();
  if (!metrics.includes('sosie_findings_answered{answer="wrong"}')) fail("cases", "no metric");
}
