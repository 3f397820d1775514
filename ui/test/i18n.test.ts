import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { pages } from "sosie:pages";
import { dictionaries, language, say } from "../src/i18n.ts";
import { word } from "../src/texts/common.ts";

test("every dictionary says everything in both languages", () => {
  ok(dictionaries.length >= pages.length - 1, `${dictionaries.length} dictionaries were seen`);
  for (const { en, fr } of dictionaries) {
    deepEqual(Object.keys(fr).sort(), Object.keys(en).sort());
    for (const [key, english] of Object.entries(en)) {
      const french = (fr as typeof en)[key];
      equal(typeof french, typeof english, key);
      if (typeof english === "function" && typeof french === "function") {
        equal(french.length, english.length, `${key} takes the same parts`);
      } else {
        ok(String(english).trim() !== "" && String(french).trim() !== "", `${key} is not empty`);
      }
    }
  }
});

test("what the directive limits has its French name", () => {
  language.value = "fr";
  deepEqual(["BOD5", "COD", "TSS", "TN", "TP"].map(word), ["DBO5", "DCO", "MES", "NGL", "Pt"]);
  language.value = "en";
  equal(word("BOD5"), "BOD5");
});

test("every page has a title in both languages, and a place in the menu or under another", () => {
  const names = pages.map((page) => page.name);
  ok(names.includes("overview"));
  for (const page of pages) ok(page.order !== undefined || names.includes(page.under ?? ""));
  for (const lang of ["en", "fr"] as const) {
    language.value = lang;
    for (const page of pages) ok(page.title().length > 2, page.name);
  }
  language.value = "en";
});

test("the server's words are said in the language of the moment", () => {
  const words = { en: "flow", fr: "débit" };
  language.value = "fr";
  equal(say(words), "débit");
  equal(say({ en: "flow", fr: "" }), "flow");
  equal(word("critical"), "critique");
  equal(word("brand_new_word"), "brand new word");
  language.value = "en";
  equal(say(words), "flow");
  equal(say(null), "");
});
