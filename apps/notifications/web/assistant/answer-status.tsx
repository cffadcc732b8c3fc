import type { AnswerState } from '../../src/assistant/answer.js';
import { Badge, type BadgeProps } from '../ui/badge.js';

const STATUS: Readonly<Record<AnswerState, readonly [Exclude<BadgeProps['tone'], undefined>, string]>> = {
  running: ['accent', 'Writing'],
  completed: ['success', 'Complete'],
  cancelled: ['neutral', 'Stopped'],
  failed: ['danger', 'Failed'],
  interrupted: ['warning', 'Interrupted'],
};

export function AnswerStatus({ state }: { readonly state: AnswerState }) {
  const [tone, label] = STATUS[state];
  return <Badge tone={tone}>{label}</Badge>;
}
