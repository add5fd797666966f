// The AWS Load Balancer Controller's own reconciler of Ingresses, run once over manifests.
//
//	judge [flags of the controller] < manifests
//
// Reads the objects of a cluster from standard input, brings every group of Ingresses to its end as
// the controller would, and prints as JSON what it changed in the cluster, what went wrong, and the
// objects afterwards. AWS is whatever AWS_ENDPOINT_URL names.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	k8sruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	clientset "k8s.io/client-go/kubernetes/fake"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/record"
	elbv2api "sigs.k8s.io/aws-load-balancer-controller/v3/apis/elbv2/v1beta1"
	elbv2gw "sigs.k8s.io/aws-load-balancer-controller/v3/apis/gateway/v1beta1"
	"sigs.k8s.io/aws-load-balancer-controller/v3/controllers/ingress"
	"sigs.k8s.io/aws-load-balancer-controller/v3/pkg/annotations"
	"sigs.k8s.io/aws-load-balancer-controller/v3/pkg/aws"
	"sigs.k8s.io/aws-load-balancer-controller/v3/pkg/aws/throttle"
	"sigs.k8s.io/aws-load-balancer-controller/v3/pkg/config"
	elbv2deploy "sigs.k8s.io/aws-load-balancer-controller/v3/pkg/deploy/elbv2"
	ingresspkg "sigs.k8s.io/aws-load-balancer-controller/v3/pkg/ingress"
	"sigs.k8s.io/aws-load-balancer-controller/v3/pkg/k8s"
	awsmetrics "sigs.k8s.io/aws-load-balancer-controller/v3/pkg/metrics/aws"
	lbcmetrics "sigs.k8s.io/aws-load-balancer-controller/v3/pkg/metrics/lbc"
	metricsutil "sigs.k8s.io/aws-load-balancer-controller/v3/pkg/metrics/util"
	"sigs.k8s.io/aws-load-balancer-controller/v3/pkg/networking"
	"sigs.k8s.io/aws-load-balancer-controller/v3/pkg/shared_utils"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	gwv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// Services, as the SDK names them.
var services = []string{
	"EC2", "Elastic Load Balancing v2", "ACM", "WAFV2", "WAF Regional", "Shield",
	"Resource Groups Tagging API", "STS", "Route 53", "Global Accelerator",
}

// Verdict is what is printed.
type Verdict struct {
	// Errors by group.
	Errors map[string]string `json:"errors"`
	// Cluster has every change of an object of the cluster, such as "create TargetGroupBinding a/b".
	Cluster []string `json:"cluster"`
	// Objects are the Ingresses and TargetGroupBindings afterwards.
	Objects []client.Object `json:"objects"`
}

func main() {
	verdict, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	if err := out.Encode(verdict); err != nil {
		os.Exit(1)
	}
}

func run() (*Verdict, error) {
	cfg := config.ControllerConfig{
		AWSConfig:    aws.CloudConfig{ThrottleConfig: throttle.NewDefaultServiceOperationsThrottleConfig()},
		FeatureGates: config.NewFeatureGates(),
	}
	flags := pflag.NewFlagSet("judge", pflag.ContinueOnError)
	cfg.BindFlags(flags)
	verbose := flags.Bool("verbose", false, "log to standard error")
	if err := flags.Parse(os.Args[1:]); err != nil {
		return nil, err
	}
	if cfg.AWSConfig.AWSEndpoints == nil {
		cfg.AWSConfig.AWSEndpoints = map[string]string{}
		for _, service := range services {
			cfg.AWSConfig.AWSEndpoints[service] = os.Getenv("AWS_ENDPOINT_URL")
		}
	}
	cfg.AWSConfig.ThrottleConfig = nil
	log := logr.Discard()
	if *verbose {
		log = funcr.New(func(prefix, args string) { fmt.Fprintln(os.Stderr, prefix, args) }, funcr.Options{Verbosity: 1})
	}

	scheme := k8sruntime.NewScheme()
	for _, add := range []func(*k8sruntime.Scheme) error{
		clientgoscheme.AddToScheme, elbv2api.AddToScheme, elbv2gw.AddToScheme, gwv1.Install,
	} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	objects, err := read(os.Stdin, scheme)
	if err != nil {
		return nil, err
	}
	verdict := &Verdict{Errors: map[string]string{}, Cluster: []string{}}
	note := func(verb string, object client.Object) {
		kind := fmt.Sprintf("%T", object)
		if gvks, _, err := scheme.ObjectKinds(object); err == nil && len(gvks) > 0 {
			kind = gvks[0].Kind
		}
		verdict.Cluster = append(verdict.Cluster, fmt.Sprintf("%s %s %s/%s", verb, kind, object.GetNamespace(), object.GetName()))
	}
	cluster := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithStatusSubresource(&networkingv1.Ingress{}).
		WithIndex(&networkingv1.Ingress{}, ingresspkg.IndexKeyServiceRefName, func(client.Object) []string { return nil }).
		WithInterceptorFuncs(interceptor.Funcs{
			Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
				note("create", o)
				return c.Create(ctx, o, opts...)
			},
			Delete: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteOption) error {
				note("delete", o)
				return c.Delete(ctx, o, opts...)
			},
			Update: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.UpdateOption) error {
				note("update", o)
				return c.Update(ctx, o, opts...)
			},
			Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
				note("patch", o)
				return c.Patch(ctx, o, p, opts...)
			},
		}).Build()

	cloud, err := aws.NewCloud(cfg.AWSConfig, cfg.ClusterName, nil, log, nil, time.Second)
	if err != nil {
		return nil, err
	}
	sgManager := networking.NewDefaultSecurityGroupManager(cloud.EC2(), log)
	sgReconciler := networking.NewDefaultSecurityGroupReconciler(sgManager, log)
	nodes := networking.NewDefaultNodeInfoProvider(cloud.EC2(), log)
	networkingManager := networking.NewDefaultNetworkingManager(cluster,
		networking.NewDefaultPodENIInfoResolver(cluster, cloud.EC2(), nodes, cloud.VpcID(), log),
		networking.NewDefaultNodeENIInfoResolver(nodes, log), sgManager, sgReconciler, cloud.VpcID(),
		cfg.ClusterName, cfg.ServiceTargetENISGTags, log, cfg.DisableRestrictedSGRules)
	subnets := networking.NewDefaultSubnetsResolver(networking.NewDefaultAZInfoProvider(cloud.EC2(), log),
		cloud.EC2(), cloud.VpcID(), cfg.ClusterName, cfg.FeatureGates.Enabled(config.SubnetsClusterTagCheck),
		cfg.FeatureGates.Enabled(config.ALBSingleSubnet),
		cfg.FeatureGates.Enabled(config.SubnetDiscoveryByReachability), log)
	backend := networking.NewBackendSGProvider(cfg.ClusterName, cfg.BackendSecurityGroup, cloud.VpcID(),
		cloud.EC2(), cluster, cfg.DefaultTags, false, log)
	events := record.NewFakeRecorder(10000)
	secrets := k8s.NewSecretsManager(clientset.NewSimpleClientset(coreOf(objects)...), nil, log, "", "")
	reconciler := ingress.NewGroupReconciler(cloud, cluster, events, k8s.NewDefaultFinalizerManager(cluster, log),
		sgManager, networkingManager, sgReconciler, subnets,
		elbv2deploy.NewDefaultTaggingManager(cloud.ELBV2(), cloud.VpcID(), cfg.FeatureGates, cloud.RGT(), log),
		cfg, backend, networking.NewDefaultSecurityGroupResolver(cloud.EC2(), cloud.VpcID()), secrets, log,
		lbcmetrics.NewCollector(prometheus.NewRegistry(), nil, nil, log), metricsutil.NewReconcileCounters(), awsmetrics.NewTargetGroupCollector(nil),
		shared_utils.NewTargetGroupNameToArnMapper(cloud.ELBV2()))

	ctx := context.Background()
	groups, err := groupsOf(ctx, cluster, events, cfg)
	if err != nil {
		return nil, err
	}
	for _, group := range groups {
		if _, err := reconciler.Reconcile(ctx, ingresspkg.EncodeGroupIDToReconcileRequest(group)); err != nil {
			verdict.Errors[group.String()] = err.Error()
		}
	}
	verdict.Objects, err = after(ctx, cluster)
	return verdict, err
}

// groupsOf are all groups that an Ingress belongs to or still has a finalizer of.
func groupsOf(ctx context.Context, cluster client.Client, events record.EventRecorder, cfg config.ControllerConfig) ([]ingresspkg.GroupID, error) {
	loader := ingresspkg.NewDefaultGroupLoader(cluster, events,
		annotations.NewSuffixAnnotationParser(annotations.AnnotationPrefixIngress),
		ingresspkg.NewDefaultClassLoader(cluster, true),
		ingresspkg.NewDefaultClassAnnotationMatcher(cfg.IngressConfig.IngressClass), cfg.IngressConfig.IngressClass == "")
	var all networkingv1.IngressList
	if err := cluster.List(ctx, &all); err != nil {
		return nil, err
	}
	known := map[ingresspkg.GroupID]bool{}
	for i := range all.Items {
		ing := &all.Items[i]
		group, err := loader.LoadGroupIDIfAny(ctx, ing)
		if err != nil {
			return nil, err
		}
		if group != nil {
			known[*group] = true
		}
		for _, pending := range loader.LoadGroupIDsPendingFinalization(ctx, ing) {
			known[pending] = true
		}
	}
	groups := []ingresspkg.GroupID{}
	for group := range known {
		groups = append(groups, group)
	}
	sort.Slice(groups, func(i, j int) bool { return groups[i].String() < groups[j].String() })
	return groups, nil
}

func read(in io.Reader, scheme *k8sruntime.Scheme) ([]client.Object, error) {
	var objects []client.Object
	documents := yaml.NewYAMLOrJSONDecoder(bufio.NewReader(in), 4096)
	for {
		var raw unstructured.Unstructured
		err := documents.Decode(&raw.Object)
		if err == io.EOF {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		if len(raw.Object) == 0 {
			continue
		}
		typed, err := scheme.New(schema.FromAPIVersionAndKind(raw.GetAPIVersion(), raw.GetKind()))
		if err != nil {
			continue
		}
		if err := k8sruntime.DefaultUnstructuredConverter.FromUnstructured(raw.Object, typed); err != nil {
			return nil, fmt.Errorf("%s %s: %w", raw.GetKind(), raw.GetName(), err)
		}
		clientgoscheme.Scheme.Default(typed)
		object, ok := typed.(client.Object)
		if !ok {
			continue
		}
		if namespaced(raw.GetKind()) && object.GetNamespace() == "" {
			object.SetNamespace("default")
		}
		if secret, ok := object.(*corev1.Secret); ok {
			// As the API server does it.
			for key, value := range secret.StringData {
				if secret.Data == nil {
					secret.Data = map[string][]byte{}
				}
				secret.Data[key] = []byte(value)
			}
			secret.StringData = nil
		}
		objects = append(objects, object)
	}
}

func namespaced(kind string) bool {
	switch kind {
	case "IngressClass", "IngressClassParams", "Namespace", "Node":
		return false
	}
	return true
}

func coreOf(objects []client.Object) []k8sruntime.Object {
	var core []k8sruntime.Object
	for _, object := range objects {
		if object.GetObjectKind().GroupVersionKind().Group == "" {
			core = append(core, object)
		}
	}
	return core
}

func after(ctx context.Context, cluster client.Client) ([]client.Object, error) {
	var objects []client.Object
	var ingresses networkingv1.IngressList
	if err := cluster.List(ctx, &ingresses); err != nil {
		return nil, err
	}
	for i := range ingresses.Items {
		ingresses.Items[i].SetGroupVersionKind(networkingv1.SchemeGroupVersion.WithKind("Ingress"))
		objects = append(objects, &ingresses.Items[i])
	}
	var bindings elbv2api.TargetGroupBindingList
	if err := cluster.List(ctx, &bindings); err != nil {
		return nil, err
	}
	for i := range bindings.Items {
		bindings.Items[i].SetGroupVersionKind(elbv2api.GroupVersion.WithKind("TargetGroupBinding"))
		objects = append(objects, &bindings.Items[i])
	}
	return objects, nil
}
