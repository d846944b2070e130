import { useState } from 'react';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Button, ButtonLink } from '../../ui/Button.tsx';
import { Card, EmptyState, Skeleton } from '../../ui/Card.tsx';
import { PageTitle } from '../../ui/PageTitle.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { ActivityList } from './ActivityList.tsx';
import { useActivity } from './activity.ts';

/** All of one's movements, as far back as one asks. */
export function ActivityPage() {
  const { t } = useI18n();
  const format = useFormat();
  const [pages, setPages] = useState(1);
  const activity = useActivity(pages);
  return (
    <div className="page page-narrow">
      <PageTitle>{t.activity.title}</PageTitle>
      {activity.isError && <TroubleNotice error={activity.error} />}
      <Card>
        {activity.isPending && <Skeleton lines={6} label={t.app.loading} />}
        {activity.data?.entries.length === 0 && (
          <EmptyState
            title={t.activity.empty.title}
            action={<ButtonLink to="/pay">{t.activity.empty.action}</ButtonLink>}
          >
            {t.activity.empty.text}
          </EmptyState>
        )}
        {activity.data && <ActivityList entries={activity.data.entries} />}
        {activity.data && (
          <div className="activity-more soft small">
            {activity.data.complete ? (
              t.activity.complete(format.whole(activity.data.fromBlock))
            ) : (
              <Button look="quiet" onClick={() => setPages(pages + 1)}>
                {t.activity.older}
              </Button>
            )}
          </div>
        )}
      </Card>
    </div>
  );
}
