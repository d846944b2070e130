import { Router } from 'express';
import type { OpenAPIObject } from 'openapi3-ts/oas31';
import { apiPage, problemsPage } from './docsPage.ts';
import { docsStyle } from './docsStyle.ts';
import type { ProblemCatalogue } from './problems.ts';

/** `/openapi.json`, `/docs`, `/docs/errors`: open to everybody, made once. */
export function docsRoutes(api: OpenAPIObject, problems: ProblemCatalogue): Router {
  const pages = { '/docs': apiPage(api), '/docs/errors': problemsPage(problems) };
  const router = Router();
  router.get('/openapi.json', (_request, response) => {
    response.json(api);
  });
  router.get('/docs/style.css', (_request, response) => {
    response.type('text/css').send(docsStyle);
  });
  for (const [path, html] of Object.entries(pages)) {
    router.get(path, (_request, response) => {
      response.type('text/html').send(html);
    });
  }
  return router;
}
