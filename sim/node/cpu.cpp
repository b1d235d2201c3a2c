#include "sim/node/cpu.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim {
Cpu::Cpu(Ratio speed, RngStream jitter) : speed_(speed), jitter_(std::move(jitter)) {
    BSIM_CHECK(speed.numerator > 0 && speed.denominator > 0);
}

SimDuration Cpu::work(SimDuration cost) const {
    SimDuration time = cost;
    if (speed_ != Ratio{1, 1})
        time = scaled(time, {speed_.denominator, speed_.numerator});
    for (const Ratio& slowdown : slowdowns_)
        time = scaled(time, slowdown);
    return time;
}

SimDuration Cpu::draw(const LognormalSampler& sampler, SimDuration most) {
    return jitter_ ? std::min(sampler.sample(*jitter_), most) : SimDuration(0);
}

SimDuration Cpu::thaw(SimDuration stopped) {
    const SimDuration a_second = draw(thaw_a_second_, milliseconds(100));
    return std::min(scaled(a_second, {stopped.ns(), seconds(1).ns()}), seconds(5));
}

void Cpu::end_slow(Ratio factor) {
    const auto one = std::find(slowdowns_.begin(), slowdowns_.end(), factor);
    BSIM_CHECK(one != slowdowns_.end());
    slowdowns_.erase(one);
}

}  // namespace bsim
