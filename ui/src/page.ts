/** What a folder of `pages/` exports as default from its `page.tsx`: the whole of a page. */
import type { FunctionComponent } from "preact";

export interface PageProps {
  /** What follows the page's name in the address: "#/sensor/12" → "12". */
  argument: string;
}

export interface Page {
  title: () => string;
  /** 20 × 20, drawn with lines: the d of one path. */
  icon: string;
  /** Its place in the menu, from the top; undefined: not in the menu. */
  order?: number;
  /** The menu entry that stands for it when it is not in the menu itself. */
  under?: string;
  /** false: this scenario has no such page. */
  available?: () => boolean;
  view: FunctionComponent<PageProps>;
}

/** A page as the menu knows it: its folder's name is its address, "#/name". */
export interface NamedPage extends Page {
  name: string;
}
