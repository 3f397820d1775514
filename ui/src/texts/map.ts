import { texts } from "../i18n.ts";

export const t = texts(
  {
    zoom_in: "Zoom in",
    zoom_out: "Zoom out",
    zoom_fit: "Show all",
  },
  {
    zoom_in: "Agrandir",
    zoom_out: "Réduire",
    zoom_fit: "Tout montrer",
  },
);
