import * as format from "../format.ts";
import { language } from "../i18n.ts";
import { t } from "../texts/common.ts";

/** Which part of a long list is shown, `limit` rows at a time, and the way to the others. */
export function Paging(props: {
  offset: number;
  limit: number;
  total: number;
  onOffset: (to: number) => void;
}) {
  const { offset, limit, total, onOffset } = props;
  if (total === 0) return null;
  const text = (n: number) => format.number(n, 0, language.value);
  return (
    <div class="row paging">
      <span class="quiet">
        {t().page_of(text(offset + 1), text(Math.min(total, offset + limit)), text(total))}
      </span>
      {total > limit && (
        <>
          <button
            type="button"
            disabled={offset === 0}
            onClick={() => onOffset(Math.max(0, offset - limit))}
          >
            ← {t().previous}
          </button>
          <button
            type="button"
            disabled={offset + limit >= total}
            onClick={() => onOffset(offset + limit)}
          >
            {t().next} →
          </button>
        </>
      )}
    </div>
  );
}
