import type { RequestHandler } from 'express';
import { commonProblems } from './commonProblems.ts';
import { partnerOf } from './partner.ts';
import { problemsOf } from './problems.ts';

/** POST requests of one partner that this process works on at a time; well below the API's database connections. */
const POSTS_AT_ONCE = 8;

const problem = problemsOf(commonProblems);

/**
 * Refuses POST requests of a partner that has enough under way, so that waiting for its own locks it cannot take the
 * database connections of everybody else. @throws Problem `too_many_requests`
 */
export function limitPosts(): RequestHandler {
  const underWay = new Map<string, number>();
  return (request, response, next) => {
    if (request.method !== 'POST') return next();
    const { id } = partnerOf(request);
    const count = underWay.get(id) ?? 0;
    if (count >= POSTS_AT_ONCE) {
      throw problem('too_many_requests', `${count} of at most ${POSTS_AT_ONCE} are under way.`, [], {
        'retry-after': '1',
      });
    }
    underWay.set(id, count + 1);
    response.once('close', () => {
      const left = (underWay.get(id) ?? 1) - 1;
      if (left === 0) underWay.delete(id);
      else underWay.set(id, left);
    });
    next();
  };
}
