"""Words that islanders use for the same thing: data for comparing texts. Knows no text and shows nothing to anybody.

A line is one meaning, its first word the one that all others are read as. Words that are sometimes something else
stay out, and so do single characters, which are parts of other words: a wrong pair costs more than a missing one.
"""

from __future__ import annotations

import re

_LINES = """
船 轮渡 渡轮 渡船 班船 客船 客轮 航班 船班
停航 停船 船停 停行 船不开 停开
码头 渡口 埠头 轮渡站
候船室 候船厅 等船的地方
晚 夜里 夜间 晚间 晚上 夜晚 半夜 深夜 夜航
早 提前 早一点 早点
小时 钟头
星期 礼拜
时刻表 班次表 船期
卫生院 医院 卫生所 卫生室 诊所
心口疼 胸口痛 胸痛 心口痛
看病 就医 就诊
疫苗 打针 接种
药 药品 药物
医生 大夫 医师
救护车 急救车
报销 报销款
老人 老人家 高龄 老年人 老人们
养老院 敬老院
孩子 小孩 儿童 娃娃 小朋友
学校 学堂
老师 教师
读书 上学
水 自来水 水龙头 淡水
咸 咸味
水管 管道 水管道 管子
扩容 扩建 扩大
停水 断水
停电 断电
路灯 照明
贵 涨价 太贵 涨了
补助 补贴 救助款 津贴 扶持
便宜 优惠 打折 减免 平价
发放 到账
交 缴纳 缴费
申请 领取
举报 投诉
公开 公示 公布
房子 农房 住房 屋子
屋顶 房顶 楼顶
煤气 液化气 煤气罐 液化气罐
翻建 重建 翻修 翻盖
宅基地 盖房子的地
垃圾 废物
污水 脏水 废水
臭 臭味
扬尘 灰尘 粉尘
采石场 石料厂
沙滩 海滩
养殖 养鱼
渔民 打鱼人 讨海人
休渔 伏季休渔 禁渔
避风港 避风塘 避风坞
淤积 淤泥 泥太厚
清淤 挖泥
坏了 坏掉 烂了 破了
修 维修 修理
塌 塌方
信号 手机信号 基站信号
快递 包裹
台风 大风 刮台风
通知 告诉 告知 发同知
换证 年检
身份证 身分证
招聘 招人 招工
贷款 借款
新年 春节 过年
幼儿园 托儿所
电动车 电瓶车
猫狗 宠物
跳舞 广场舞
狗 野狗 流浪狗
厕所 茅厕 旱厕
书屋 图书室 图书馆
戏台 看戏的台子
大学生 毕业生
"""

_FIRST = {word: line.split()[0] for line in _LINES.strip().splitlines() for word in line.split()[1:]}
_WORDS = re.compile("|".join(sorted(map(re.escape, _FIRST), key=lambda word: (-len(word), word))))


def in_common_words(text: str) -> str:
    """The text with every word that has a commoner one read as that: for comparing, not for reading."""
    return _WORDS.sub(lambda found: _FIRST[found[0]], text)
