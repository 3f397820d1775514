import { chooseLanguage, language, languages } from "../i18n.ts";
import { t } from "../texts/common.ts";
import { chooseTheme, type Theme, theme, themes } from "../theme.ts";

/** A drop and its double below the water line. */
export function Drop() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2">
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
  );
}

const themeIcons: Record<Theme, string> = {
  auto: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14",
  light:
    "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M16 4l-1.4 1.4M5.4 14.6 4 16",
  dark: "M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5z",
};

/** Of language and theme. */
export function Choices() {
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
