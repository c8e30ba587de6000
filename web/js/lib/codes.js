/** Words for the codes of the protocol. */
import { clock } from './time.js';
import { t } from './words.js';

/** @param {string} state */
export function stateWords(state) {
  const words = {
    held: t('待核实'),
    pending: t('等待审核'),
    published: t('已公开'),
    queued: t('排队中'),
    on_air: t('正在回答'),
    answered: t('已回答'),
    merged: t('已并入'),
    refused: t('未公开'),
    appealed: t('申诉中'),
    withdrawn: t('已撤回'),
    deferred: t('会后处理'),
  };
  return words[/** @type {keyof typeof words} */ (state)] ?? state;
}

/** @param {string} reason */
export function reasonWords(reason) {
  const words = {
    unlawful: t('违法或有害内容'),
    personal: t('人身攻击或涉及他人隐私'),
    advertising: t('广告'),
    off_topic: t('与本场主题无关，可到代表联络站留言'),
    duplicate: t('已有相同的提问，欢迎附议'),
    litigation: t('涉及正在办理的案件，请向承办机关反映'),
    secret: t('涉及不能公开的内容'),
    no_content: t('没有具体内容'),
  };
  return words[/** @type {keyof typeof words} */ (reason)] ?? reason;
}

/** @param {string} outcome */
export function outcomeWords(outcome) {
  const words = {
    answered_live: t('直播中已答复'),
    answered_text: t('文字答复'),
    suggestion: t('转为代表建议'),
    work_order: t('转 12345 工单'),
    commitment: t('记为承诺'),
    project_lead: t('转为项目线索'),
    referred: t('转有关单位'),
    merged: t('并入相同提问'),
    refused: t('不予公开'),
    withdrawn: t('本人撤回'),
  };
  return words[/** @type {keyof typeof words} */ (outcome)] ?? outcome;
}

/**
 * What an asker is told about their own question.
 * @param {import("../state/room.js").Mine} q
 */
export function mineWords(q) {
  switch (q.state) {
    case 'held':
      return t('已收到，需要多核实一步，请稍等。');
    case 'pending':
      return q.appeal ? t('申诉成立，正在审核。') : t('已收到，正在审核。');
    case 'published':
      return t('已公开，大家可以附议。');
    case 'queued':
      return q.ahead ? t('已通过审核，正在排队，前面还有 {n} 个。', { n: q.ahead }) : t('下一个就轮到您的提问。');
    case 'on_air':
      return t('代表正在回答您的提问。');
    case 'answered':
      return t('代表已在直播 {mark} 回答。', { mark: clock(q.mark_start ?? 0) });
    case 'merged':
      return mergedWords(q);
    case 'refused':
      return q.appeal_rejected
        ? t('申诉后维持原决定：') + reasonWords(q.refusal ?? '')
        : t('没有公开：') + reasonWords(q.refusal ?? '');
    case 'appealed':
      return t('已收到您的申诉，审核组长会重新看。');
    case 'withdrawn':
      return t('您已撤回这个提问。');
    default:
      return q.appeal ? t('申诉成立。直播时没有来得及回答，会后逐个处理。') : t('直播时没有来得及回答，会后逐个处理。');
  }
}

/** What became of the question that speaks for the asker's own. @param {import("../state/room.js").Mine} q */
function mergedWords(q) {
  const other = q.merged_into;
  const label = other?.label ?? '';
  switch (other?.state) {
    case 'queued':
      return q.ahead
        ? t('已并入 #{label}，前面还有 {n} 个。', { label, n: q.ahead })
        : t('已并入 #{label}，下一个就轮到它。', { label });
    case 'on_air':
      return t('已并入 #{label}，代表正在回答。', { label });
    case 'answered':
      return t('已并入 #{label}，代表已经回答。', { label });
    default:
      return t('已并入相同的提问 #{label}，附议一起算。', { label });
  }
}

/** @param {string} source */
export function sourceWords(source) {
  const words = { phone: t('电话'), onsite: t('现场'), proxy: t('代提'), station: t('联络站') };
  return words[/** @type {keyof typeof words} */ (source)] ?? '';
}

/** @param {"online" | "slow" | "offline"} link */
export function linkWords(link) {
  return { online: t('网络正常'), slow: t('网络较慢'), offline: t('没有连上，正在重新连接') }[link];
}
