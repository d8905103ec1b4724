"""The prelude's distributions, in our own words, as text.

A distribution tells the shapes of its samples and of their probabilities, which is all that a network depends on.
"""

from __future__ import annotations

SOURCE = """
class Distribution:
    def __init__(self, batch_shape=(), event_shape=(), validate_args=None):
        self.batch_shape, self.event_shape = torch.Size(batch_shape), torch.Size(event_shape)

    def sample(self, sample_shape=()):
        return self.rsample(sample_shape)

class Normal(Distribution):
    def __init__(self, loc, scale, validate_args=None):
        loc, scale = torch.as_tensor(loc) * 1.0, torch.as_tensor(scale) * 1.0
        self.loc = self.mean = self.mode = loc + 0 * scale
        self.scale = self.stddev = scale + 0 * loc
        self.variance = self.scale ** 2

    def sample(self, sample_shape=()):
        return self.loc.expand((*sample_shape, *self.loc.shape))

    def rsample(self, sample_shape=()):
        return self.sample(sample_shape)

    def log_prob(self, value):
        is_alike = torch.is_tensor(value) and value.dim() and self.loc.dim() and value.shape[-1] == self.loc.shape[-1]
        return self.loc + 0 * value if is_alike else self.loc

    def cdf(self, value):
        return self.log_prob(value)

    def entropy(self):
        return self.loc

class Uniform(Normal):
    def __init__(self, low, high, validate_args=None):
        super().__init__(low, high)
        self.low, self.high = low, high

class Beta(Normal):
    def __init__(self, concentration1, concentration0, validate_args=None):
        super().__init__(concentration1, concentration0)

class Laplace(Normal):
    pass

class Gumbel(Normal):
    pass

class LogNormal(Normal):
    pass

class Cauchy(Normal):
    pass

class VonMises(Normal):
    def __init__(self, loc, concentration, validate_args=None):
        super().__init__(loc, concentration)

class Gamma(Normal):
    def __init__(self, concentration, rate, validate_args=None):
        super().__init__(concentration, rate)
        self.concentration, self.rate = concentration, rate

class Weibull(Normal):
    def __init__(self, scale, concentration, validate_args=None):
        super().__init__(scale, concentration)

class StudentT(Normal):
    def __init__(self, df, loc=0.0, scale=1.0, validate_args=None):
        super().__init__(loc + 0 * df, scale)
        self.df = df

class HalfNormal(Normal):
    def __init__(self, scale, validate_args=None):
        super().__init__(scale, scale)

class HalfCauchy(HalfNormal):
    pass

class Exponential(Normal):
    def __init__(self, rate, validate_args=None):
        super().__init__(rate, rate)
        self.rate = rate

class Poisson(Exponential):
    pass

class Chi2(Normal):
    def __init__(self, df, validate_args=None):
        super().__init__(df, df)

class MultivariateNormal:
    def __init__(self, loc, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None):
        self.loc = self.mean = self.mode = loc

    def sample(self, sample_shape=()):
        return self.loc.expand((*sample_shape, *self.loc.shape))

    def rsample(self, sample_shape=()):
        return self.sample(sample_shape)

    def log_prob(self, value):
        return self.loc.sum(-1)

    def entropy(self):
        return self.loc.sum(-1)

class LowRankMultivariateNormal(MultivariateNormal):
    def __init__(self, loc, cov_factor, cov_diag, validate_args=None):
        super().__init__(loc)

class Dirichlet(MultivariateNormal):
    def __init__(self, concentration, validate_args=None):
        super().__init__(concentration)
        self.concentration = concentration

class Independent:
    def __init__(self, base_distribution, reinterpreted_batch_ndims, validate_args=None):
        self.base_dist, self.axes = base_distribution, reinterpreted_batch_ndims
        self.mean = base_distribution.mean

    def sample(self, sample_shape=()):
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape=()):
        return self.base_dist.sample(sample_shape)

    def log_prob(self, value):
        return self.base_dist.log_prob(value).flatten(-self.axes).sum(-1)

    def entropy(self):
        return self.base_dist.entropy().flatten(-self.axes).sum(-1)

class Bernoulli:
    def __init__(self, probs=None, logits=None, validate_args=None):
        self.probs = self.mean = torch.sigmoid(logits) if probs is None else probs
        self.logits = self.probs if logits is None else logits

    def sample(self, sample_shape=()):
        return self.probs.expand((*sample_shape, *self.probs.shape))

    def rsample(self, sample_shape=()):
        return self.sample(sample_shape)

    def log_prob(self, value):
        return self.probs

    def entropy(self):
        return self.probs

class Geometric(Bernoulli):
    pass

class RelaxedBernoulli(Bernoulli):
    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        super().__init__(probs, logits)

class Binomial(Bernoulli):
    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        super().__init__(probs, logits)

class NegativeBinomial(Binomial):
    pass

class Categorical:
    def __init__(self, probs=None, logits=None, validate_args=None):
        self.probs = torch.softmax(logits, -1) if probs is None else probs
        self.logits = torch.log(self.probs) if logits is None else logits

    def sample(self, sample_shape=()):
        chosen = self.probs.argmax(-1)
        return chosen.expand((*sample_shape, *chosen.shape))

    def log_prob(self, value):
        return self.logits.amax(-1)

    def entropy(self):
        return self.probs.sum(-1)

class OneHotCategorical(Bernoulli):
    def __init__(self, probs=None, logits=None, validate_args=None):
        super().__init__(torch.softmax(logits, -1) if probs is None else probs)

    def log_prob(self, value):
        return self.probs.amax(-1)

    def entropy(self):
        return self.probs.sum(-1)

class OneHotCategoricalStraightThrough(OneHotCategorical):
    pass

class RelaxedOneHotCategorical(OneHotCategorical):
    def __init__(self, temperature, probs=None, logits=None, validate_args=None):
        super().__init__(probs, logits)

class Multinomial(OneHotCategorical):
    def __init__(self, total_count=1, probs=None, logits=None, validate_args=None):
        super().__init__(probs, logits)

class MixtureSameFamily:
    def __init__(self, mixture_distribution, component_distribution, validate_args=None):
        self.mixture_distribution, self.component_distribution = mixture_distribution, component_distribution

    def sample(self, sample_shape=()):
        component = self.component_distribution
        axis = component.entropy().dim() - 1 + len(sample_shape)
        return component.sample(sample_shape).select(axis, 0)

    def log_prob(self, value):
        component = self.component_distribution
        events = component.sample().dim() - component.entropy().dim()
        return component.log_prob(value.unsqueeze(-1 - events)).amax(-1)

class TransformedDistribution:
    def __init__(self, base_distribution, transforms, validate_args=None):
        self.base_dist, self.transforms = base_distribution, transforms

    def sample(self, sample_shape=()):
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape=()):
        return self.base_dist.sample(sample_shape)

    def log_prob(self, value):
        return self.base_dist.log_prob(value)

class ElementwiseTransform:
    def __init__(self, *settings, **more):
        self.sign = 1

    def __call__(self, x):
        return x + 0

    def log_abs_det_jacobian(self, x, y):
        return x + 0 * y

    @property
    def inv(self):
        return self

def kl_divergence(p, q):
    return p.entropy()
"""
