import { shownAt } from "../../src/live.ts";
import { plant } from "../../src/plant.ts";
import { link } from "../../src/router.ts";
import { Segments } from "../../src/widgets/show.tsx";
import { type Key, scope } from "./broker.ts";
import { Entities } from "./entities.tsx";
import { OneEntity } from "./entity.tsx";
import { Registrations } from "./registrations.tsx";
import { Subscribe } from "./subscribe.tsx";
import { OneSubscription, Subscriptions } from "./subscriptions.tsx";
import { t } from "./texts.ts";
import { t as named } from "./title.ts";

type Tab = "entities" | "subscriptions" | "registrations";

/** "entity/Room1/Room/city" is Room1 of type Room at "/city"; ids and types hold no slash. */
export function keyOf(argument: string): Key | null {
  const [what, id = "", type = "", ...path] = argument.split("/");
  return what === "entity" && id !== "" ? { id, type, path: `/${path.join("/")}` } : null;
}

function tabOf(argument: string): Tab {
  const first = argument.split("/")[0];
  return first === "subscriptions" || first === "registrations" ? first : "entities";
}

/** Whose data are shown. What is typed counts when the field is left, or at Enter. */
function Scope() {
  const has = plant.value?.broker;
  const set = (change: Partial<typeof scope.value>) => {
    scope.value = { ...scope.peek(), ...change };
  };
  return (
    <fieldset class="twin-scope">
      <legend class="visually-hidden">{t().show}</legend>
      {has?.tenants && (
        <label>
          {t().tenant}
          <input
            value={scope.value.tenant}
            placeholder={t().default_tenant}
            autocomplete="off"
            spellcheck={false}
            onChange={(event) => set({ tenant: event.currentTarget.value.trim() })}
          />
        </label>
      )}
      <label>
        {t().service_path}
        <input
          value={scope.value.path}
          placeholder={t().all_paths}
          autocomplete="off"
          spellcheck={false}
          onChange={(event) => set({ path: event.currentTarget.value.trim() })}
        />
      </label>
      {has?.token && (
        <label title={t().token_needed}>
          {t().token}
          <input
            type="password"
            value={scope.value.token}
            autocomplete="off"
            onChange={(event) => set({ token: event.currentTarget.value.trim() })}
          />
        </label>
      )}
    </fieldset>
  );
}

function View({ argument }: { argument: string }) {
  const tab = tabOf(argument);
  const id = argument.split("/")[1];
  if (tab === "registrations") return <Registrations />;
  if (tab === "subscriptions") {
    if (id === undefined) return <Subscriptions />;
    return id === "new" ? <Subscribe /> : <OneSubscription key={id} id={id} />;
  }
  const key = keyOf(argument);
  return key ? <OneEntity key={argument} of={key} /> : <Entities />;
}

/** The context broker: what there is, who is told of it, and who is asked for more. */
export function Twin({ argument }: { argument: string }) {
  return (
    <div class="page twin">
      <div class="page-head">
        <h1>{named().title}</h1>
        <Segments
          name={t().show}
          choices={[
            { value: "entities", label: t().entities },
            { value: "subscriptions", label: t().subscriptions },
            { value: "registrations", label: t().registrations },
          ]}
          chosen={tabOf(argument)}
          onChoose={(tab) => {
            location.hash = link("twin", tab === "entities" ? "" : tab);
          }}
        />
        <Scope />
      </div>
      {shownAt.value !== null && keyOf(argument) === null && <p class="quiet">{t().past_lists}</p>}
      <View argument={argument} />
    </div>
  );
}
