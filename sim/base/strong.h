#pragma once
// Strong integer (or string) types: a value with a tag, explicit to make, without implicit
// conversions, ordered like its representation. No bare integer crosses a folder border.

#include <compare>
#include <utility>

namespace bsim {

template <class Tag, class Rep>
class Strong {
  public:
    using rep = Rep;

    constexpr Strong() = default;
    explicit constexpr Strong(Rep value) : value_(std::move(value)) {}

    constexpr const Rep& value() const { return value_; }

    constexpr auto operator<=>(const Strong&) const = default;

  private:
    Rep value_{};
};

}  // namespace bsim
