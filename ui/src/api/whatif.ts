/** Two futures of the simulated plant, side by side. */
import { ask } from "./ask.ts";
import type { Label } from "./findings.ts";
import type { Words } from "./plant.ts";

export interface WhatIfQuestion {
  faults?: { fault: string; target: string; size: number | null; minutes: number | null }[];
  setpoints?: Record<string, number>;
  weather?: string;
  /** null: to the end. */
  weather_minutes?: number | null;
  undo?: number[];
  hours: number;
}

/** How far a sensor's two futures lie apart. */
export interface Difference {
  /** null: nothing of it is stored here. */
  series: number | null;
  name: string;
  entity: string;
  quantity: Words;
  unit: string;
  decimals: number;
  noise: number;
  /** In its own noise. */
  deviation: number;
  largest: number;
  largest_ms: number | null;
  first_ms: number | null;
  unchanged: number | null;
  changed: number | null;
}

export interface Course {
  series: number | null;
  name: string;
  unchanged: (number | null)[];
  /** null: the same. */
  changed: (number | null)[] | null;
}

export interface WhatIfVerdict {
  value: number;
  reduction_pct: number | null;
  samples: number;
  failed: number;
  gross: boolean;
  ok: boolean;
}

export interface WhatIfParameter {
  parameter: string;
  limit: number;
  min_reduction_pct: number;
  annual_mean: boolean;
  unit: string;
  unchanged: WhatIfVerdict | null;
  changed: WhatIfVerdict | null;
}

export interface WhatIfEnergy {
  kwh: number | null;
  kwh_per_day: number | null;
  kwh_per_m3: number | null;
  removal_percent: number | null;
}

export interface WhatIf {
  from_ms: number;
  to_ms: number;
  bucket_ms: number;
  took_s: number;
  sensors: number;
  running: Label[];
  change: {
    began: Label[];
    undone: Label[];
    setpoints: { name: string; words?: Words; unit?: string; before: number; value: number }[];
    weather: string | null;
    weather_minutes: number | null;
  };
  differences: Difference[];
  courses: Course[];
  compliance: {
    directive: string;
    sample_hours: number;
    unusual_unchanged: number;
    unusual_changed: number;
    parameters: WhatIfParameter[];
  } | null;
  energy: { unchanged: WhatIfEnergy; changed: WhatIfEnergy } | null;
}

export function askWhatIf(question: WhatIfQuestion): Promise<WhatIf> {
  return ask<WhatIf>("POST", "simulator/whatif", question);
}
