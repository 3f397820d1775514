import "../src/styles/all.css";
import "../src/map/map.css";
import "../pages/city/page.css";
import "./site.css";

import { render } from "preact";
import { City } from "../pages/city/city.tsx";
import { answerWith } from "../src/api/ask.ts";
import type { ZoneFeature, ZoneSet } from "../src/api/zones.ts";
import type { LiveValue, Plant } from "../src/api.ts";
import { say } from "../src/i18n.ts";
import { applyValues, connected, heardAt, isWatched, status } from "../src/live.ts";
import { plant } from "../src/plant.ts";
import { route } from "../src/router.ts";
import { Banners } from "../src/shell/banners.tsx";
import { Choices, Drop } from "../src/shell/choices.tsx";
import { Instant } from "../src/shell/instant.tsx";
import { brokerUrl, type Config, readJson, type ZoneFile } from "./config.ts";
import { listen } from "./mqtt.ts";
import { Twin } from "./twin.ts";

const tell_ms = 200;
const status_ms = 1000;
const live_age_ms = 60_000;

async function zonesOf(file: ZoneFile): Promise<ZoneSet> {
  const map = await readJson<{
    features: (ZoneFeature & { properties: Record<string, unknown> })[];
  }>(file.file);
  return {
    name: file.name,
    attribution: file.attribution,
    entities: map.features.map(({ properties }) => `${file.name}:${properties[file.id]}`),
    names: map.features.map(({ properties }) => String(properties[file.label] ?? "")),
    geojson: { features: map.features },
  };
}

function plantOf(config: Config, twin: Twin): Plant {
  return {
    name: "city",
    title: config.title,
    asset: "city",
    version: "",
    zone: config.zone,
    simulated: false,
    recorded: false,
    watched: false,
    population_equivalent: 0,
    zones: twin.sets.reduce((n, { entities }) => n + entities.length, 0),
    // A map of objects is asked for whatever comes.
    devices: { total: 1, placed: 1, map: false },
    receives_alerts: false,
    broker: { tenants: false, token: false },
    stages: [],
    series_total: 0,
    series: [],
  };
}

/** What the live feed would say once a second. */
function tellStatus(twin: Twin): void {
  const now = Date.now();
  const none: [number, number] = [0, 0];
  status.value = {
    now_ms: now,
    data_ms: twin.newest_ms,
    wall_ms: now,
    live: connected.peek() && twin.newest_ms !== null && now - twin.newest_ms < live_age_ms,
    ended: false,
    simulated: false,
    speed: 1,
    weather: "",
    learning: false,
    catching_up: false,
    alarms: { critical: none, high: none, medium: none, low: none },
    newest: null,
    open_findings: 0,
    versions: { alarms: 0, findings: 0, simulator: 0, received: 0, series: twin.all.length },
    health: "ok",
  };
  document.documentElement.dataset.messages = String(twin.messages);
  document.documentElement.dataset.refused = String(twin.refused);
}

/** New values of series are told together: a page draws no more often. */
function tellValues(twin: Twin): void {
  const fresh = new Map<number, LiveValue>();
  twin.onValue = (id, value, quality, t) => {
    if (isWatched(id)) fresh.set(id, [id, value, quality, t]);
  };
  setInterval(() => {
    if (fresh.size === 0) return;
    applyValues({ t: Date.now(), v: [...fresh.values()] });
    fresh.clear();
  }, tell_ms);
}

function subscribe(config: Config, twin: Twin): void {
  const prefix = config.streams?.replace(/[+#].*$/, "") ?? "";
  listen({
    url: brokerUrl(config),
    user: config.user,
    password: config.password,
    filters: [config.objects, ...(config.streams ? [config.streams] : [])],
    message: (topic, text) => {
      heardAt.value = Date.now();
      if (prefix !== "" && topic.startsWith(prefix)) twin.stream(text);
      else twin.object(topic, text, Date.now());
    },
    connected: (is, why) => {
      connected.value = is;
      if (why !== "") console.warn(`the broker refuses: ${why}`);
    },
  });
}

function Site({ config }: { config: Config }) {
  const { page, argument } = route.value;
  return (
    <div class="shell site-only">
      <header class="top">
        <a class="wordmark" href="#/city">
          <Drop />
          {say(config.title)}
        </a>
        <span class="spring" />
        <Instant />
        <Choices />
      </header>
      <main id="content" tabIndex={-1}>
        <Banners />
        <div class="content">
          <City argument={page === "city" ? argument : ""} />
        </div>
      </main>
    </div>
  );
}

async function begin(): Promise<void> {
  const place = document.getElementById("app");
  if (!place) return;
  try {
    const config = await readJson<Config>("config.json");
    const twin = new Twin(await Promise.all(config.zones.map(zonesOf)), config.names, config);
    answerWith((path) => {
      const said = twin.answer(path);
      return path === "zones" ? { zones: twin.sets, tiles: config.tiles ?? null } : said;
    });
    plant.value = plantOf(config, twin);
    connected.value = false;
    tellValues(twin);
    tellStatus(twin);
    setInterval(() => tellStatus(twin), status_ms);
    render(<Site config={config} />, place);
    subscribe(config, twin);
  } catch (cause) {
    render(
      <p class="banner alert" role="alert">
        {String((cause as Error).message)}
      </p>,
      place,
    );
  }
}

void begin();
