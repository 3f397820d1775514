import "./styles/all.css";

import { render } from "preact";
import { startAlarms } from "./alarms.ts";
import { backOff, start } from "./live.ts";
import { followSeries, loadPlant, plant } from "./plant.ts";
import { redirect } from "./router.ts";
import { Shell } from "./shell/shell.tsx";
import { t } from "./texts/common.ts";

const place = document.getElementById("app");

async function begin(tries: number): Promise<void> {
  if (!place) return;
  try {
    await loadPlant();
  } catch {
    render(
      <p class="banner alert" role="alert">
        {t().cannot_reach}
      </p>,
      place,
    );
    setTimeout(() => void begin(tries + 1), backOff(tries, Math.random()));
    return;
  }
  // Of a fleet one wants to see where it is. A broker alone has nothing to watch over: its entities
  // are what one comes for. A receiver of alerts has its alerts.
  const { watched, ruled, receives_alerts, series, devices } = plant.value ?? {};
  if (location.hash === "" && watched === false) {
    if ((devices?.placed ?? 0) > 0) redirect("#/fleet");
    else if (!ruled) redirect(receives_alerts && series?.length === 0 ? "#/alerts" : "#/twin");
  }
  render(<Shell />, place);
  start();
  startAlarms();
  followSeries();
}

void begin(0);
