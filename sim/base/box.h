#pragma once
// A value on the heap, for types that contain themselves (trees). Copies copy the value, comparing
// compares it. Never empty, except after it was moved from, when only assigning and destroying it
// is allowed. `T` may be incomplete where the box is declared.

#include <memory>
#include <utility>

namespace bsim {

template <class T>
class Box {
  public:
    Box() : value_(std::make_unique<T>()) {}
    Box(T value) : value_(std::make_unique<T>(std::move(value))) {}  // implicit, as in optional
    Box(const Box& other) : value_(std::make_unique<T>(*other.value_)) {}
    Box(Box&&) noexcept = default;
    Box& operator=(const Box& other) {
        if (this != &other)
            value_ = std::make_unique<T>(*other.value_);
        return *this;
    }
    Box& operator=(Box&&) noexcept = default;
    ~Box() = default;

    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    T* operator->() { return value_.get(); }
    const T* operator->() const { return value_.get(); }

    bool operator==(const Box& other) const { return *value_ == *other.value_; }

  private:
    std::unique_ptr<T> value_;
};

}  // namespace bsim
