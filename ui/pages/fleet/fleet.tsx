import { link } from "../../src/router.ts";
import { Segments } from "../../src/widgets/show.tsx";
import { DevicePage } from "./device.tsx";
import { DeviceTable } from "./list.tsx";
import { FleetMap } from "./map.tsx";
import { t } from "./texts.ts";
import { t as named } from "./title.ts";

/** Where the devices are, or the list of them, or one of them ("device/truck-0017"). */
export function Fleet({ argument }: { argument: string }) {
  const [what, ...rest] = argument.split("/");
  const id = rest.join("/");
  if (what === "device" && id !== "") return <DevicePage key={id} id={id} />;
  const chosen = what === "list" ? "list" : "map";
  return (
    <div class="page fleet">
      <div class="page-head">
        <h1>{named().title}</h1>
        <Segments
          name={t().show}
          choices={[
            { value: "map", label: t().map },
            { value: "list", label: t().list },
          ]}
          chosen={chosen}
          onChoose={(choice) => {
            location.hash = link("fleet", choice === "list" ? "list" : "");
          }}
        />
      </div>
      {chosen === "list" ? <DeviceTable /> : <FleetMap />}
    </div>
  );
}
