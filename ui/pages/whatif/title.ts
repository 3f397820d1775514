import { texts } from "../../src/i18n.ts";

/** Of the menu: the other words come with the page. */
export const t = texts({ title: "What if" }, { title: "Et si" });
