// What the page says in Korean; see ../words.js.

export const words = {
  pad: {
    canvas: "숫자를 그리는 캔버스. 화살표 키로 펜을 움직이고, 스페이스로 펜을 내리거나 들고, C로 지웁니다",
    hint: "여기에 그리세요", clear: "지우기", wipe: "캔버스를 지웁니다",
    up: "키: 화살표는 펜 이동, 스페이스는 펜 내리기, C는 지우기",
    down: "키: 화살표는 펜 이동, 스페이스는 펜 들기, C는 지우기",
  },

  empty: "캔버스에 숫자를 그리세요.",
  little: (pixels) => `답하기에는 잉크가 너무 적습니다. 높이나 너비가 ${pixels}픽셀이 될 때까지 더 그리세요.`,
  example: "그리기 전까지 보여 주는 예시입니다.",
  answer: (first, output, second, other) => `답은 ${first}, 출력은 ${output}입니다. 둘째는 ${second}, 출력은 ${other}입니다.`,
  unsure: (first, output, second, other) => `신경망이 확신하지 못합니다. 가장 큰 출력이 ${output}에 그치고, ` +
    `이것은 ${first}의 출력입니다. 둘째는 ${second}, 출력은 ${other}입니다.`,

  drawn: (example, box) => [
    `1. ${example ? "예시" : "그린 숫자"}: ${box ? `테두리 안 ${box.columns} x ${box.rows} 픽셀` : "잉크 없음"}`,
    box ? `경계 상자 안에 그린 숫자, 가로 ${box.columns}, 세로 ${box.rows} 픽셀.` : "빈 캔버스."],
  fitted: (side, digit) => [
    `2. ${side} x ${side}에 크기 맞춤${digit ? `: ${digit.columns} x ${digit.rows} 픽셀` : ""}`,
    digit ? `가로세로 ${side}픽셀에 맞춘 숫자, 가로 ${digit.columns}, 세로 ${digit.rows} 픽셀.` :
      "아직 크기를 맞춘 것이 없습니다."],
  centred: (side, middle, mass) => [
    `3. ${side} x ${side}의 가운데로: 무게 중심(점)이 ${middle}행 ${middle}열 가까이에 있습니다`,
    mass ? `가로세로 ${side}픽셀 안의 숫자, 무게 중심은 행 ${mass[0]}, 열 ${mass[1]}.` :
      "아직 가운데로 옮긴 것이 없습니다."],

  unitWaits: (unit) => `은닉 유닛 ${unit}: 활성화 값은 숫자를 그리면 바로 알 수 있습니다.`,
  unit: (unit, netInput, activation, most, least) => `은닉 유닛 ${unit}: 순입력 ${netInput}, 활성화 값 ${activation}. ` +
    (most ? `출력 ${most[0]}에 가장 많이 더${least ? "하고" : "합니다"}(${most[1]})${least ? ", " : "."}` : "") +
    (least ? `출력 ${least[0]}에서 가장 많이 뺍니다(${least[1]}).` : ""),
  weights: (unit, side, limit) => [`픽셀에서 오는 가중치, \u2212${limit}(파랑)부터 +${limit}(빨강)까지`,
    `은닉 유닛 ${unit}의 가중치를 가로세로 ${side}픽셀의 그림으로 나타낸 것.`],
  products: (found) => ["픽셀 곱하기 가중치" + (found ? `. 합은 ${found[0]}, 편향 ${found[1]}까지 더하면 ` +
    `순입력 ${found[2]}` : ""),
    found ? `그린 숫자의 픽셀마다 가중치를 곱한 것. 합은 ${found[0]}.` : "아직 곱이 없습니다."],
  activations: (units, half, active) => [`활성화 값 ${units}개 모두. 1은 어둡고, 이 유닛에는 테두리가 있습니다` +
    `${active === null ? "" : `. ${half}보다 큰 것은 ${active}개`}. 칸을 누르면 그 유닛을 고릅니다`,
    active === null ? "아직 활성화 값이 없습니다." : `은닉 유닛 ${units}개의 활성화 값. ${half}보다 큰 것은 ${active}개.`],

  missing: (status) => `가중치 파일 weights.bin을 불러오지 못했습니다: ${status}.`,
  unfit: (found, expected) => `가중치 파일은 ${found}바이트입니다. ${expected}바이트여야 합니다. ` +
    "페이지를 다시 불러오거나 새로 만드세요: python -m tools.draw_page",
};
