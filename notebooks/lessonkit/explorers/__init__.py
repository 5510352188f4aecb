"""Pictures with sliders, a module a lesson; `base` is what they share.

    1  digits           leaf through the digits; contrast and scaling
    2  forward          a sigmoid unit; one digit on its way through the network
    3  backprop         one weight and its tangent; the numerical gradient's step; the deltas of a digit
    4  training         the training bench
    5  regularisation   L2, dropout, number of digits
    6  mistakes         the gallery
    6  drawing          a digit of one's own; pad.js is its canvas
"""
