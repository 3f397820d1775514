import * as format from "../../src/format.ts";
import { colon, language } from "../../src/i18n.ts";
import { type Look, shadeOf, steps } from "./deviation.ts";
import { t } from "./texts.ts";

/** How the colours of districts are to be read. */
export function Legend() {
  const text = (n: number) => format.number(n, 0, language.value);
  const [one, two, three] = steps;
  const names = [
    `≤ −${text(three)}`,
    `−${text(two)}`,
    `−${text(one)}`,
    t().normal,
    `+${text(one)}`,
    `+${text(two)}`,
    `≥ +${text(three)}`,
  ];
  return (
    <div class="city-legend">
      <span>
        {t().deviation_of}
        {colon()}
      </span>
      <span class="city-scale">
        {[-3, -2, -1, 0, 1, 2, 3].map((step) => (
          <i key={step} style={{ background: `var(--${shadeOf(step)})` }} />
        ))}
        {names.map((name) => (
          <small key={name}>{name}</small>
        ))}
      </span>
      <span>
        <i class="city-swatch unknown" /> {t().unknown}
      </span>
      <span>
        <i class="city-swatch missing" /> {t().missing}
      </span>
    </div>
  );
}

/** The colour of one district, beside its number. */
export function Swatch({ look }: { look: Look }) {
  if (typeof look === "string") return <i class={`city-swatch ${look}`} aria-hidden="true" />;
  return (
    <i class="city-swatch" style={{ background: `var(--${shadeOf(look)})` }} aria-hidden="true" />
  );
}
