import { pages } from "sosie:pages";
import { link, route } from "../router.ts";
import { t } from "../texts/common.ts";

/** The menu is the pages' folders, in the order that they give themselves. */
export function Menu(props: { open: boolean; onClose: () => void }) {
  const here = pages.find((page) => page.name === route.value.page);
  const current = here?.order === undefined ? here?.under : here.name;
  const entries = pages
    .filter((page) => page.order !== undefined && (page.available?.() ?? true))
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  return (
    <nav class={`side${props.open ? " open" : ""}`} id="menu" aria-label={t().menu}>
      <ul>
        {props.open && (
          <li>
            <button type="button" class="plain" onClick={props.onClose}>
              ✕ {t().close}
            </button>
          </li>
        )}
        {entries.map((page) => (
          <li key={page.name}>
            <a
              href={link(page.name)}
              aria-current={page.name === current ? "page" : undefined}
              onClick={props.onClose}
            >
              <svg viewBox="0 0 20 20" aria-hidden="true">
                <path d={page.icon} />
              </svg>
              {page.title()}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
