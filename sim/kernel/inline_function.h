#pragma once
// A move-only `void()` callable stored in place: scheduling an event allocates nothing. A callable
// larger than the buffer does not compile; put its body behind a unique_ptr.

#include <array>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace bsim {

class InlineFunction {
  public:
    static constexpr std::size_t kCapacity = 64;

    InlineFunction() = default;
    template <class F>
    requires(!std::is_same_v<std::decay_t<F>, InlineFunction>) InlineFunction(F&& f) {
        using Callable = std::decay_t<F>;
        static_assert(sizeof(Callable) <= kCapacity, "capture less, or own the body by pointer");
        static_assert(alignof(Callable) <= alignof(std::max_align_t));
        static_assert(std::is_nothrow_move_constructible_v<Callable>);
        ::new (buffer_.data()) Callable(std::forward<F>(f));
        ops_ = &kOps<Callable>;
    }
    InlineFunction(InlineFunction&& other) noexcept { take(other); }
    InlineFunction& operator=(InlineFunction&& other) noexcept {
        if (this != &other) {
            reset();
            take(other);
        }
        return *this;
    }
    InlineFunction(const InlineFunction&) = delete;
    InlineFunction& operator=(const InlineFunction&) = delete;
    ~InlineFunction() { reset(); }

    explicit operator bool() const { return ops_ != nullptr; }
    void operator()() { ops_->call(buffer_.data()); }

    void reset() {
        if (ops_ != nullptr)
            std::exchange(ops_, nullptr)->destroy(buffer_.data());
    }

  private:
    struct Ops {
        void (*call)(void*);
        void (*move_to)(void* from, void* to);  // leaves `from` destroyed
        void (*destroy)(void*);
    };
    template <class F>
    static constexpr Ops kOps{
        [](void* f) { (*static_cast<F*>(f))(); },
        [](void* from, void* to) {
            ::new (to) F(std::move(*static_cast<F*>(from)));
            static_cast<F*>(from)->~F();
        },
        [](void* f) { static_cast<F*>(f)->~F(); },
    };

    void take(InlineFunction& other) {
        if (other.ops_ == nullptr)
            return;
        ops_ = std::exchange(other.ops_, nullptr);
        ops_->move_to(other.buffer_.data(), buffer_.data());
    }

    alignas(std::max_align_t) std::array<std::byte, kCapacity> buffer_;
    const Ops* ops_ = nullptr;
};

}  // namespace bsim
