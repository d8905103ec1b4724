"""Names of the functions of `torch` and of its parts that a `forward` may call."""

from __future__ import annotations

TORCH = """
    cat concat concatenate stack hstack vstack dstack chunk split tensor_split unbind flatten unflatten reshape
    permute transpose swapaxes swapdims movedim moveaxis squeeze unsqueeze narrow select broadcast_to broadcast_tensors
    tile roll flip rot90 repeat_interleave gather index_select take_along_dim scatter scatter_add masked_fill
    where diagonal diag tril triu add sub subtract mul multiply div divide true_divide floor_divide remainder
    matmul bmm mm mv einsum baddbmm addmm addbmm dot outer inner tensordot chain_matmul cross kron cdist abs exp
    expm1 log log1p log2 log10 sqrt rsqrt pow square sin cos tan asin acos atan atan2 sinh cosh tanh sigmoid relu
    relu_ selu selu_ celu softmax log_softmax prelu rrelu threshold clamp clip clamp_min clamp_max min max amin
    amax minimum maximum mean sum std var std_mean var_mean prod norm argmax argmin topk sort argsort cumsum
    cumprod median mode logsumexp all any sign floor ceil round trunc frac erf erfc erfinv reciprocal neg negative
    logical_and logical_or logical_not logical_xor eq ne lt le gt ge isnan isinf isfinite lerp bernoulli
    multinomial zeros_like ones_like empty_like full_like rand_like randn_like randint_like clone numel is_tensor
    is_floating_point meshgrid cartesian_prod bucketize dropout dropout_ alpha_dropout batch_norm layer_norm
    group_norm instance_norm conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d pixel_shuffle
    pixel_unshuffle channel_shuffle cosine_similarity pairwise_distance adaptive_avg_pool1d avg_pool1d max_pool1d
    max_pool2d hypot bitwise_and bitwise_or bitwise_not view_as_real view_as_complex real imag polar angle conj
    complex fliplr flipud atleast_1d atleast_2d atleast_3d addcmul addcdiv vander nan_to_num diff logit heaviside
    ravel embedding detach fmod stft istft
    absolute acosh adjoint aminmax arccos arccosh arcsin arcsinh arctan arctan2 arctanh asinh atanh bitwise_left_shift
    bitwise_right_shift bitwise_xor block_diag broadcast_shapes cholesky column_stack constant_pad_nd count_nonzero
    cummax cummin cumulative_trapezoid deg2rad det diag_embed diagflat diagonal_scatter digamma dist dsplit exp2 fix
    float_power fmax fmin frexp gcd ger gradient greater greater_equal histc hsplit igamma index_add index_copy
    index_fill index_reduce inverse is_complex isclose isin isneginf isposinf isreal kthvalue lcm ldexp less less_equal
    lgamma logaddexp logaddexp2 logcumsumexp logdet masked_scatter matrix_exp matrix_power max_pool3d nanmean nanmedian
    nanquantile nansum nextafter not_equal pdist pinverse positive qr quantile rad2deg renorm resolve_conj row_stack
    scatter_reduce searchsorted select_scatter sgn signbit sinc slice_scatter slogdet spmm svd t take trace trapezoid
    trapz vdot vsplit xlogy lu_unpack
    addmv addr as_strided as_strided_scatter bilinear can_cast cholesky_inverse cholesky_solve conj_physical
    conv_tbc copysign corrcoef cov fake_quantize_per_tensor_affine frobenius_norm grid_sampler gru_cell hardshrink i0
    igammac index_put is_conj is_same_size is_signed lstm_cell lu_solve msort mvlgamma narrow_copy nuclear_norm poisson
    polygamma promote_types put resolve_neg result_type rms_norm rnn_relu_cell rnn_tanh_cell rsub split_with_sizes
    triangular_solve unravel_index
"""
OF_VALUES = "nonzero argwhere unique unique_consecutive masked_select bincount equal allclose is_nonzero"
SPARSE = "mm addmm sum softmax log_softmax"  # what is kept sparse has the shapes of what is not
FUNCTIONAL = """
    relu relu_ relu6 leaky_relu leaky_relu_ elu elu_ selu celu gelu silu mish sigmoid tanh softplus softsign
    softshrink hardshrink tanhshrink hardswish hardsigmoid hardtanh hardtanh_ prelu rrelu threshold logsigmoid glu
    softmax log_softmax softmin gumbel_softmax conv1d conv2d conv3d conv_transpose1d conv_transpose2d
    conv_transpose3d linear bilinear max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d
    adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d
    adaptive_max_pool3d lp_pool1d lp_pool2d max_unpool2d batch_norm instance_norm layer_norm group_norm
    local_response_norm rms_norm normalize dropout dropout1d dropout2d dropout3d alpha_dropout
    feature_alpha_dropout embedding embedding_bag one_hot pad interpolate upsample upsample_nearest
    upsample_bilinear grid_sample affine_grid pixel_shuffle pixel_unshuffle channel_shuffle fold unfold
    cosine_similarity pairwise_distance scaled_dot_product_attention cross_entropy nll_loss mse_loss l1_loss
    smooth_l1_loss kl_div binary_cross_entropy binary_cross_entropy_with_logits cosine_embedding_loss huber_loss
    triplet_margin_loss max_unpool1d max_unpool3d
    adaptive_max_pool1d_with_indices adaptive_max_pool2d_with_indices adaptive_max_pool3d_with_indices celu_ conv_tbc
    fractional_max_pool2d fractional_max_pool3d gaussian_nll_loss hinge_embedding_loss lp_pool3d margin_ranking_loss
    max_pool1d_with_indices max_pool2d_with_indices max_pool3d_with_indices multi_head_attention_forward
    multi_margin_loss multilabel_margin_loss multilabel_soft_margin_loss pdist poisson_nll_loss rrelu_ selu_
    soft_margin_loss threshold_
"""
FFT = """
    fft ifft fft2 ifft2 fftn ifftn rfft irfft rfft2 irfft2 rfftn irfftn hfft ihfft hfft2 ihfft2 hfftn ihfftn fftshift
    ifftshift
"""
LINALG = """
    norm vector_norm matrix_norm inv inv_ex pinv qr svd svdvals eig eigh eigvals eigvalsh cholesky cholesky_ex solve det
    slogdet matrix_power matrix_exp matrix_rank cond cross diagonal lu lu_factor lu_solve matmul multi_dot
    householder_product solve_triangular tensorinv tensorsolve vander vecdot
"""
SPECIAL = """
    bessel_j0 bessel_j1 digamma entr erf erfc erfcx erfinv exp2 expit expm1 gammainc gammaincc gammaln i0 i0e i1 i1e
    log1p log_ndtr log_softmax logit logsumexp multigammaln ndtr ndtri polygamma psi round sinc softmax xlog1py xlogy
    zeta
"""
