import { pages } from "sosie:pages";
import { effect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import * as format from "../format.ts";
import { chooseLanguage, language, languages, say } from "../i18n.ts";
import { status } from "../live.ts";
import { plant, zone } from "../plant.ts";
import { link, route } from "../router.ts";
import { t } from "../texts/common.ts";
import { chooseTheme, type Theme, theme, themes } from "../theme.ts";
import { Banners } from "./banners.tsx";
import { Instant } from "./instant.tsx";
import { Menu } from "./menu.tsx";
import { AlarmStrip } from "./strip.tsx";

/** A drop and its double below the water line. */
function Wordmark() {
  return (
    <a class="wordmark" href={link("overview")}>
      <svg
        viewBox="0 0 32 32"
        aria-hidden="true"
        fill="none"
        stroke="currentColor"
        stroke-width="2"
      >
        <path
          d="M16 2.5c3.2 4.1 5.5 7 5.5 9.8a5.5 5.5 0 0 1-11 0c0-2.8 2.3-5.7 5.5-9.8z"
          fill="currentColor"
          stroke="none"
        />
        <path
          d="M16 29.5c3.2-4.1 5.5-7 5.5-9.8M16 29.5c-3.2-4.1-5.5-7-5.5-9.8"
          opacity=".55"
          stroke-linecap="round"
        />
      </svg>
      Sosie
    </a>
  );
}

const themeIcons: Record<Theme, string> = {
  auto: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14",
  light:
    "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M16 4l-1.4 1.4M5.4 14.6 4 16",
  dark: "M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5z",
};

function Choices() {
  const names: Record<Theme, string> = {
    auto: t().theme_auto,
    light: t().theme_light,
    dark: t().theme_dark,
  };
  const next = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? "auto";
  const label = `${t().theme}: ${names[theme.value]}`;
  return (
    <div class="choices">
      {languages
        .filter((choice) => choice !== language.value)
        .map((choice) => (
          <button
            key={choice}
            type="button"
            lang={choice}
            aria-label={choice === "fr" ? "Français" : "English"}
            onClick={() => chooseLanguage(choice)}
          >
            {choice.toUpperCase()}
          </button>
        ))}
      <button type="button" aria-label={label} title={label} onClick={() => chooseTheme(next)}>
        <svg
          viewBox="0 0 20 20"
          fill="none"
          stroke="currentColor"
          stroke-width="1.5"
          aria-hidden="true"
        >
          <path
            d={themeIcons[theme.value]}
            fill={theme.value === "dark" ? "currentColor" : "none"}
          />
          {theme.value === "auto" && <path d="M10 3v14a7 7 0 0 0 0-14" fill="currentColor" />}
        </svg>
      </button>
    </div>
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
