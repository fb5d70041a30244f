/** What can be shown on the map. Breaks stay the same across periods, so that a colour means one thing. */
export const metrics = ['sop', 'emergency', 'volume'] as const;
export type Metric = (typeof metrics)[number];
export type Step = 1 | 2 | 3 | 4 | 5;

const sopBreaks = [0.9, 0.8, 0.7, 0.6] as const; // falling: less is riskier
const shareBreaks = [0.01, 0.02, 0.05, 0.1] as const; // rising
const volumeBreaks = [100, 500, 2000, 10000] as const;

/** Step of the ramp, 1 low risk to 5 high. */
export function stepOf(metric: Metric, value: number): Step {
  const index =
    metric === 'sop'
      ? sopBreaks.findIndex((least) => value >= least)
      : (metric === 'volume' ? volumeBreaks : shareBreaks).findIndex((most) => value < most);
  return (index < 0 ? 5 : index + 1) as Step;
}

/** Lower and upper end of every step for the legend; undefined is open. */
export function stepsOf(metric: Metric): { step: Step; from: number | undefined; to: number | undefined }[] {
  const breaks = metric === 'sop' ? sopBreaks : metric === 'volume' ? volumeBreaks : shareBreaks;
  return ([1, 2, 3, 4, 5] as const).map((step) => {
    const here = breaks[step - 1];
    const last = step > 1 ? breaks[step - 2] : undefined;
    return metric === 'sop' ? { step, from: here, to: last } : { step, from: last, to: here };
  });
}
