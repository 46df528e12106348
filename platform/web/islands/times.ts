// Keeps relative times true while a page stays open; the table is that of formbuilder/moments.py.

const TABLE: Record<string, Record<string, [string, string]>> = {
  en: { now: ["just now", "now"], minute: ["{} min ago", "in {} min"], hour: ["{} h ago", "in {} h"], day: ["{} d ago", "in {} d"] },
  zh: { now: ["刚刚", "马上"], minute: ["{} 分钟前", "{} 分钟后"], hour: ["{} 小时前", "{} 小时后"], day: ["{} 天前", "{} 天后"] },
};

export function relative(moment: Date, now: Date, language: string): string | null {
  const seconds = Math.trunc((now.getTime() - moment.getTime()) / 1000);
  const distance = Math.abs(seconds);
  if (distance >= 7 * 86400) return null;
  const [unit, number] =
    distance < 60 ? ["now", 0]
    : distance < 3600 ? ["minute", Math.floor(distance / 60)]
    : distance < 86400 ? ["hour", Math.floor(distance / 3600)]
    : ["day", Math.floor(distance / 86400)];
  const words = TABLE[language.startsWith("zh") ? "zh" : "en"]?.[unit as string];
  return words ? words[seconds >= 0 ? 0 : 1].replace("{}", String(number)) : null;
}

export function startTimes(): void {
  const refresh = (): void => {
    const now = new Date();
    for (const time of document.querySelectorAll<HTMLTimeElement>("time[title]")) {
      const said = relative(new Date(time.dateTime), now, document.documentElement.lang);
      // Far away moments stand as the server wrote them: a column shows the day alone.
      if (said !== null && time.textContent !== said) time.textContent = said;
    }
  };
  setInterval(refresh, 30_000);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
}
