import { Link } from 'react-router';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Card, EmptyState, Skeleton } from '../../ui/Card.tsx';
import { ActivityList } from './ActivityList.tsx';
import { useActivity } from './activity.ts';

/** The last few movements, for the home page. */
export function RecentActivity() {
  const { t } = useI18n();
  const activity = useActivity(1);
  const entries = activity.data?.entries.slice(0, 5);
  return (
    <Card
      title={t.wallet.recent}
      aside={entries?.length ? <Link to="/activity">{t.wallet.all}</Link> : undefined}
    >
      {!entries && <Skeleton lines={4} label={t.app.loading} />}
      {entries?.length === 0 && (
        <EmptyState title={t.activity.empty.title}>{t.activity.empty.text}</EmptyState>
      )}
      {entries && <ActivityList entries={entries} />}
    </Card>
  );
}
