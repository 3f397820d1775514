export interface Compliance {
  directive: string;
  population_equivalent: number;
  score: number | null;
  verdict: string;
  now: {
    parameter: string;
    series: number | null;
    value: number | null;
    limit: number;
    unit: string;
    reduction_pct: number | null;
    min_reduction_pct: number | null;
    ok: boolean | null;
  }[];
  samples: {
    parameter: string;
    taken: number;
    failed: number;
    allowed: number;
    ok: boolean;
    annual_mean: boolean;
    days: { day: string; value: number | null; reduction_pct: number | null; ok: boolean }[];
  }[];
}

export interface Efficiency {
  overall_percent: number | null;
  parameters: {
    parameter: string;
    inlet: number | null;
    outlet: number | null;
    removal_percent: number | null;
    unit: string;
  }[];
  energy: {
    kwh_per_m3: number | null;
    kwh_per_day: number | null;
    by_stage: { stage: string; kw: number }[];
  } | null;
  flow_m3_per_day: number | null;
}
