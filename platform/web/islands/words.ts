// The few words that scripts say, in the language of the page.

const CHINESE: Record<string, string> = {
  "Keyboard shortcuts": "键盘快捷键",
  "Search this page's list, or everything": "搜索当前列表或全部内容",
  "Home": "首页",
  "Inbox": "待办",
  "New record": "新建记录",
  "Edit": "编辑",
  "Next and previous row": "下一行、上一行",
  "Open the row": "打开该行",
  "Select the row": "选择该行",
  "Next page": "下一页",
  "Save": "保存",
  "Close": "关闭",
  "This help": "本帮助",
  "then": "再按",
  "{} selected": "已选择 {} 条",
  "{} files": "{} 个文件",
  "Nothing found": "没有找到",
  "The page could not be loaded. Check the connection and try again.": "页面无法加载，请检查网络后重试。",
  "Bold": "加粗",
  "Italic": "斜体",
  "List": "列表",
  "Numbered list": "编号列表",
  "Link": "链接",
  "Address of the link": "链接地址",
};

const chinese = document.documentElement.lang.startsWith("zh");

export function say(text: string, number?: number): string {
  const said = chinese ? (CHINESE[text] ?? text) : text;
  return number === undefined ? said : said.replace("{}", String(number));
}
