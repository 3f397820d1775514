import { lazy } from "../../src/lazy.tsx";
import type { Page } from "../../src/page.ts";
import "./page.css";
import { t } from "./title.ts";

export default {
  title: () => t().title,
  icon: "M7.5 4.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M12.5 4.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11",
  order: 45,
  view: lazy(() => import("./twin.tsx").then((it) => it.Twin)),
} satisfies Page;
