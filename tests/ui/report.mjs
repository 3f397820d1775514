// The report of compliance, from the page to the printer. For pages.mjs.
import { join } from "node:path";

export async function report({ page, watch, visit, inspect, fail, out }, plant) {
  if (plant.population_equivalent === 0) return;
  watch.where = "compliance report";
  await visit(page, "#/compliance");
  if ((await page.getByRole("link", { name: "Open the report" }).count()) === 0) return;
  const [paper] = await Promise.all([
    page.context().waitForEvent("page"),
    page.getByRole("link", { name: "Open the report" }).click(),
  ]);
  await paper.waitForLoadState();
  await paper.getByRole("heading", { name: "Compliance report" }).waitFor();
  await inspect(paper, "compliance report");
  await paper.screenshot({ path: join(out, "report.png"), fullPage: true });
  await paper.evaluate(() => {
    window.printed = 0;
    window.print = () => window.printed++;
  });
  await paper.getByRole("button", { name: "Print" }).click();
  if ((await paper.evaluate(() => window.printed)) !== 1) fail("report", "the button does not print");
  await paper.emulateMedia({ media: "print" });
  if (await paper.getByRole("button", { name: "Print" }).isVisible()) {
    fail("report", "the button is printed as well");
  }
  await paper.pdf({ path: join(out, "report.pdf"), preferCSSPageSize: true });
  await paper.close();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "As CSV" }).click(),
  ]);
  if (!file.suggestedFilename().endsWith(".csv")) fail("report", `${file.suggestedFilename()}`);
}
