/** What stands on a map and under it. */
import type { ComponentChildren } from "preact";
import * as format from "../format.ts";
import { language } from "../i18n.ts";
import { t } from "../texts/map.ts";

const zoom_step = 1.5;

export function MapButtons(props: { onZoom: (factor: number) => void; onFit: () => void }) {
  const { onZoom, onFit } = props;
  return (
    <div class="map-buttons">
      <button type="button" aria-label={t().zoom_in} onClick={() => onZoom(zoom_step)}>
        +
      </button>
      <button type="button" aria-label={t().zoom_out} onClick={() => onZoom(1 / zoom_step)}>
        −
      </button>
      <button type="button" aria-label={t().zoom_fit} title={t().zoom_fit} onClick={onFit}>
        ⤢
      </button>
    </div>
  );
}

function lengthText(metres: number): string {
  const text = (n: number) => format.significant(n, 3, language.value);
  return metres < 1000 ? `${text(metres)} m` : `${text(metres / 1000)} km`;
}

/** How long a round number of metres is. */
export function Bar({ of }: { of: { metres: number; px: number } }) {
  return (
    <span class="map-bar" style={{ width: `${of.px}px` }}>
      {lengthText(of.metres)}
    </span>
  );
}

/** Whose data the map is: under it, so that it covers nothing. */
export function Credit({ children }: { children: ComponentChildren }) {
  return <p class="map-credit">{children}</p>;
}
