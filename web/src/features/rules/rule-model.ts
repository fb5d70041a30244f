import type { Schemas } from '@/api/client';
import { overlap, wilson } from '@/lib/statistics';

export type RuleFigures = Schemas['RuleFigures'];

export interface RuleChange {
  rule: RuleFigures;
  /** Of the share that missed it, in shares; undefined when nothing was answered then or now. */
  change: number | undefined;
  /** The intervals of the two shares overlap: the change may be chance. */
  chance: boolean;
}

export function changeOf(rule: RuleFigures): RuleChange {
  const { previous } = rule;
  if (rule.n === 0 || previous.n === 0) return { rule, change: undefined, chance: true };
  return {
    rule,
    change: rule.missed / rule.n - previous.missed / previous.n,
    chance: overlap(wilson(rule.missed, rule.n), wilson(previous.missed, previous.n)),
  };
}

/**
 * What is missed more often than before, largest fall first; what may be chance comes after what is not. Then the rest:
 * questions that went better, and those without anything to compare with.
 */
export function byFall(rules: readonly RuleFigures[]): { fallen: RuleChange[]; others: RuleChange[] } {
  const all = rules.filter((rule) => rule.n + rule.previous.n > 0).map(changeOf);
  const worse = (each: RuleChange): boolean => each.change !== undefined && each.change > 0;
  const fall = (each: RuleChange): number => each.change ?? -2;
  return {
    fallen: all.filter(worse).sort((a, b) => Number(a.chance) - Number(b.chance) || fall(b) - fall(a)),
    others: all.filter((each) => !worse(each)).sort((a, b) => fall(b) - fall(a)),
  };
}

/** In the server's order: most missed first, those with few answers after the others. */
export const missed = (rules: readonly RuleFigures[]): RuleChange[] => rules.filter((rule) => rule.missed > 0).map(changeOf);
