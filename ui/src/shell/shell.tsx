import { pages } from "sosie:pages";
import { effect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import * as format from "../format.ts";
import { say } from "../i18n.ts";
import { status } from "../live.ts";
import { plant, zone } from "../plant.ts";
import { link, route } from "../router.ts";
import { t } from "../texts/common.ts";
import { Banners } from "./banners.tsx";
import { Choices, Drop } from "./choices.tsx";
import { Instant } from "./instant.tsx";
import { Menu } from "./menu.tsx";
import { AlarmStrip } from "./strip.tsx";

function Wordmark() {
  return (
    <a class="wordmark" href={link("overview")}>
      <Drop />
      Sosie
    </a>
  );
}

function Site() {
  const { value: site } = plant;
  if (!site) return null;
  const offset = format.offsetName(status.value?.now_ms ?? Date.now(), zone.value);
  return (
    <div class="site">
      <strong>{say(site.title)}</strong>
      <span>
        {zone.value} ({offset}){site.series.some(({ unit }) => unit !== "") && ` · ${t().units}`}
      </span>
    </div>
  );
}

export function Shell() {
  const [open, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const { page: name, argument } = route.value;
  const page = pages.find((p) => p.name === name && (p.available?.() ?? true));
  const title = page?.title() ?? "";

  useEffect(
    () =>
      effect(() => {
        const waiting = Object.values(status.value?.alarms ?? {}).reduce(
          (n, [fresh]) => n + fresh,
          0,
        );
        document.title = `${waiting > 0 ? `(${waiting}) ` : ""}${title} · Sosie`;
      }),
    [title],
  );
  const first = useRef(true);
  useEffect(() => {
    // Who goes to another page by keyboard or with a screen reader begins at its top.
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [name]);
  useEffect(() => scrollTo(0, 0), [name, argument]);
  useEffect(() => {
    const close = (event: KeyboardEvent) => event.key === "Escape" && setOpen(false);
    addEventListener("keydown", close);
    return () => removeEventListener("keydown", close);
  }, []);

  return (
    <div class="shell">
      <header class="top">
        <button type="button" class="skip" onClick={() => main.current?.focus()}>
          {t().skip}
        </button>
        <button
          type="button"
          class="menu-button"
          aria-expanded={open}
          aria-controls="menu"
          aria-label={t().menu}
          onClick={() => setOpen(!open)}
        >
          <svg
            viewBox="0 0 20 20"
            width="20"
            stroke="currentColor"
            stroke-width="1.8"
            aria-hidden="true"
          >
            <path d="M3 5h14M3 10h14M3 15h14" />
          </svg>
        </button>
        <Wordmark />
        <Site />
        <span class="spring" />
        <Instant />
        <Choices />
      </header>
      <AlarmStrip />
      <Menu open={open} onClose={() => setOpen(false)} />
      <main ref={main} id="content" tabIndex={-1}>
        <Banners />
        <div class="content">
          {page ? (
            <page.view key={name} argument={argument} />
          ) : (
            <p class="empty">{t().not_found}</p>
          )}
        </div>
      </main>
    </div>
  );
}
